"""`kind delete clusters NAME… | --all`."""

import sys
from collections.abc import Sequence

from kajitori.cluster import destroy, preflight, profile
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    parser = naming.parser("delete clusters", "Deletes clusters")
    parser.add_argument("names", nargs="*")
    parser.add_argument("-A", "--all", action="store_true", help="delete all clusters")
    args = parser.parse_args(argv)
    preflight.require_root()
    home = Home.kind()
    known = profile.names(home)
    chosen = known if args.all else [name for name in args.names if name in known]
    for name in chosen:
        destroy.delete(home, name)
    print(f"Deleted clusters: {chosen}".replace("'", '"'), file=sys.stderr)
    return 0
