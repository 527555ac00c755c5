"""`minikube ip`: the address of a node, and nothing else on stdout."""

from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import plans, status
from kajitori.cluster.failures import NODE_NOT_RUNNING, PROFILE_NOT_FOUND, ClusterFailure
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read


@dataclass(frozen=True, kw_only=True)
class NodeOptions(GlobalOptions):
    node: str = flag("", "The node to get the address of", short="n")


def run(argv: Sequence[str]) -> int:
    args = read(NodeOptions, argv, "ip")
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
