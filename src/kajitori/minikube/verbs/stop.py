"""`minikube stop`: ends every process of a cluster and keeps its data."""

from collections.abc import Sequence
from dataclasses import dataclass

from kajitori.aiokit.pflag import flag
from kajitori.cluster import destroy, preflight, profile
from kajitori.minikube import output
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read


@dataclass(frozen=True, kw_only=True)
class StopOptions(GlobalOptions):
    all: bool = flag(False, "Stop all profiles")
    keep_context_active: bool = flag(False, "Keep the kube-context active")
    output: str = flag("text", "", short="o", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(StopOptions, argv, "stop")
    preflight.require_root()
    context = Context.of(args.profile)
    names = profile.names(context.home) if args.all else [context.name]
    count = 0
    for name in names:
        cluster = Context(context.home, name).profile()
        for node in cluster.nodes:
            output.step("stop", f'Stopping node "{node.name}"  ...')
            output.step("stopped", f'Powering off "{node.name}" via SSH ...')
        destroy.stop(context.home, cluster)
        count += len(cluster.nodes)
    output.step("stopped", f"{count} node{'' if count == 1 else 's'} stopped.")
    return 0
