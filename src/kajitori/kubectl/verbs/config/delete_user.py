"""kubectl config delete-user: removes an entry. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import delete_entry
from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    return delete_entry(ctx, COMMAND, opts.args, "users")


COMMAND = Command(
    name="config delete-user",
    short="Delete the specified user from the kubeconfig",
    long="""Delete the specified user from the kubeconfig.""",
    examples="""# Remove one
kubectl config delete-user minikube""",
    usage="config delete-user NAME [options]",
    options=Options,
    run=run,
)
