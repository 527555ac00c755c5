"""`kind get nodes`."""

import sys
from collections.abc import Sequence

from kajitori.cluster import profile
from kajitori.cluster.paths import Home
from kajitori.kind import naming


def run(argv: Sequence[str]) -> int:
    parser = naming.parser("get nodes", "Lists existing kind nodes by their name")
    naming.add_name(parser)
    parser.add_argument("-A", "--all-clusters", action="store_true")
    args = parser.parse_args(argv)
    home = Home.kind()
    names = profile.names(home) if args.all_clusters else [name for name in profile.names(home) if name == args.name]
    nodes = [node.name for name in names for node in profile.load(home, name).nodes]
    if not nodes:
        print(f'No kind nodes found for cluster "{args.name}".', file=sys.stderr)
    print("".join(f"{node}\n" for node in nodes), end="")
    return 0
