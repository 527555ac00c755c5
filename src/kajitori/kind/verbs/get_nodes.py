"""`kind get nodes`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import profile
from kajitori.cluster.paths import Home
from kajitori.kind import naming


@dataclass(frozen=True, kw_only=True)
class NodesOptions(naming.NamedOptions):
    all_clusters: bool = flag(False, "of every cluster", short="A")


def run(argv: Sequence[str]) -> int:
    args = naming.read(NodesOptions, argv, "get nodes", "Lists existing kind nodes by their name")
    home = Home.kind()
    names = profile.names(home) if args.all_clusters else [name for name in profile.names(home) if name == args.cluster]
    nodes = [node.name for name in names for node in profile.load(home, name).nodes]
    if not nodes:
        print(f'No kind nodes found for cluster "{args.cluster}".', file=sys.stderr)
    print("".join(f"{node}\n" for node in nodes), end="")
    return 0
