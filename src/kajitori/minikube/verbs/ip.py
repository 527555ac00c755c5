"""`minikube ip`: the address of a node, and nothing else on stdout."""

from collections.abc import Sequence

from kajitori.cluster import plans, status
from kajitori.cluster.failures import NODE_NOT_RUNNING, PROFILE_NOT_FOUND, ClusterFailure
from kajitori.minikube.context import Context, Parser


def run(argv: Sequence[str]) -> int:
    parser = Parser("ip", "Retrieves the IP address of the specified node")
    parser.add_argument("-n", "--node", default="")
    args = parser.parse_args(argv)
    context = Context.of(args.profile)
    cluster = context.profile()
    node = plans.node_named(cluster.nodes, args.node) if args.node else cluster.primary
    if node is None:
        raise ClusterFailure(PROFILE_NOT_FOUND, f'Could not find node "{args.node}"', 'See "minikube node list"')
    if not status.is_up(context.home, cluster):
        start = f'To start a cluster, run: "minikube start{context.hint}"'
        raise ClusterFailure(
            NODE_NOT_RUNNING, f'The control-plane node "{node.name}" host is not running: state=Stopped', start
        )
    print(node.ip)
    return 0
