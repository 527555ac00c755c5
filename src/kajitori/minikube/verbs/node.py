"""`minikube node list`: the nodes of a cluster and their addresses."""

from collections.abc import Sequence

from kajitori.cluster.failures import NODES_UNSUPPORTED, ClusterFailure
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, action_of, read


def run(argv: Sequence[str]) -> int:
    args = read(GlobalOptions, argv, "node", usage="list [flags]", max_args=None)
    action, _ = action_of(args, "node", ("list", "add", "delete", "start", "stop"))
    if action != "list":
        raise ClusterFailure(
            NODES_UNSUPPORTED,
            f'"node {action}" needs clusters of several nodes, which this release does not build',
            "",
        )
    for node in Context.of(args.profile).profile().nodes:
        print(f"{node.name}\t{node.ip}")
    return 0
