"""`kind version`."""

import platform
from collections.abc import Sequence

from kajitori.kind import KIND_VERSION, naming


def run(argv: Sequence[str]) -> int:
    naming.parser("version", "Prints the kind CLI version").parse_args(argv)
    print(f"kind {KIND_VERSION} python{platform.python_version()} {platform.system().lower()}/{platform.machine()}")
    return 0
