"""kubectl config delete-cluster: removes an entry. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args
from kajitori.kubectl.flags import Options, UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    if len(opts.args) != 1:
        return refuse_args(ctx, COMMAND, opts.args)
    name = opts.args[0]
    with edit(ctx.options.kubeconfig or None) as config:
        if not config.delete("clusters", name):
            raise UsageError(f"error: cannot delete cluster {name}, not in {config.destination()}")
    ctx.streams.print(f"deleted cluster {name} from {config.destination()}")
    return None


COMMAND = Command(
    name="config delete-cluster",
    short="Delete the specified cluster from the kubeconfig",
    long="""Delete the specified cluster from the kubeconfig.""",
    examples="""# Remove one
kubectl config delete-cluster minikube""",
    usage="config delete-cluster NAME [options]",
    options=Options,
    run=run,
    aliases=(),
)
