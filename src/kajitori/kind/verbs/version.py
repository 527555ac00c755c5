"""`kind version`."""

import platform
from collections.abc import Sequence

from kajitori.kind import KIND_VERSION, naming


def run(argv: Sequence[str]) -> int:
    naming.read(naming.GlobalOptions, argv, "version", "Prints the kind CLI version")
    print(f"kind {KIND_VERSION} python{platform.python_version()} {platform.system().lower()}/{platform.machine()}")
    return 0
