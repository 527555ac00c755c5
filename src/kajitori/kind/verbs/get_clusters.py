"""`kind get clusters`."""

import sys
from collections.abc import Sequence

from kajitori.cluster import profile
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    naming.read(naming.GlobalOptions, argv, "get clusters", "Lists existing kind clusters by their name")
    names = profile.names(Home.kind())
    if not names:
        print("No kind clusters found.", file=sys.stderr)
    print("".join(f"{name}\n" for name in names), end="")
    return 0
