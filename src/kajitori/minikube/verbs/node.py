"""`minikube node list`: the nodes of a cluster and their addresses."""

from collections.abc import Sequence

from kajitori.cluster.failures import NODES_UNSUPPORTED, ClusterFailure
from kajitori.minikube.context import Context, Parser


def run(argv: Sequence[str]) -> int:
    parser = Parser("node", "Add, remove, or list additional nodes")
    parser.add_argument("action", choices=["list", "add", "delete", "start", "stop"])
    parser.add_argument("names", nargs="*")
    args = parser.parse_args(argv)
    if args.action != "list":
        raise ClusterFailure(
            NODES_UNSUPPORTED,
            f'"node {args.action}" needs clusters of several nodes, which this release does not build',
            "",
        )
    for node in Context.of(args.profile).profile().nodes:
        print(f"{node.name}\t{node.ip}")
    return 0
