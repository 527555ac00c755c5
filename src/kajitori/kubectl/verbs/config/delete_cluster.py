"""kubectl config delete-cluster: removes an entry. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import delete_entry
from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    return delete_entry(ctx, COMMAND, opts.args, "clusters")


COMMAND = Command(
    name="config delete-cluster",
    short="Delete the specified cluster from the kubeconfig",
    long="""Delete the specified cluster from the kubeconfig.""",
    examples="""# Remove one
kubectl config delete-cluster minikube""",
    usage="config delete-cluster NAME [options]",
    options=Options,
    run=run,
)
