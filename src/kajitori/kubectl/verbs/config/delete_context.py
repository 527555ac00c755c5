"""kubectl config delete-context: removes an entry. May import: client.kubeconfig, kubectl."""

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
        if not config.delete("contexts", name):
            raise UsageError(f"error: cannot delete context {name}, not in {config.destination()}")
        if config.current_context == name:
            ctx.streams.warn(
                'warning: this removed your active context, use "kubectl config use-context" to select a different one'
            )
    ctx.streams.print(f"deleted context {name} from {config.destination()}")
    return None


COMMAND = Command(
    name="config delete-context",
    short="Delete the specified context from the kubeconfig",
    long="""Delete the specified context from the kubeconfig.""",
    examples="""# Remove one
kubectl config delete-context minikube""",
    usage="config delete-context NAME [options]",
    options=Options,
    run=run,
    aliases=(),
)
