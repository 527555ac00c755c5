"""kubectl config delete-user: removes an entry. May import: client.kubeconfig, kubectl."""

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
        if not config.delete("users", name):
            raise UsageError(f"error: cannot delete user {name}, not in {config.destination()}")
    ctx.streams.print(f"deleted user {name} from {config.destination()}")
    return None


COMMAND = Command(
    name="config delete-user",
    short="Delete the specified user from the kubeconfig",
    long="""Delete the specified user from the kubeconfig.""",
    examples="""# Remove one
kubectl config delete-user minikube""",
    usage="config delete-user NAME [options]",
    options=Options,
    run=run,
    aliases=(),
)
