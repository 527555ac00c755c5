"""`minikube stop`: ends every process of a cluster and keeps its data."""

from collections.abc import Sequence

from kajitori.cluster import destroy, preflight, profile
from kajitori.minikube import output
from kajitori.minikube.context import Context, Parser, flag


def run(argv: Sequence[str]) -> int:
    parser = Parser("stop", "Stops a running local Kubernetes cluster")
    flag(parser, "--all", about="Stop all profiles")
    flag(parser, "--keep-context-active", about="Keep the kube-context active")
    parser.add_argument("-o", "--output", default="text")
    args = parser.parse_args(argv)
    preflight.require_root()
    context = Context.of(args.profile)
    names = profile.names(context.home) if args.all else [context.name]
    count = 0
    for name in names:
        cluster = profile.load(context.home, name)
        for node in cluster.nodes:
            output.step("stop", f'Stopping node "{node.name}"  ...')
            output.step("stopped", f'Powering off "{node.name}" via SSH ...')
        destroy.stop(context.home, cluster)
        count += len(cluster.nodes)
    output.step("stopped", f"{count} node{'' if count == 1 else 's'} stopped.")
    return 0
