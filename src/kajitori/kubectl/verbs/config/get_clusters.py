"""kubectl config get-clusters: prints their names. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args
from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    if opts.args:
        return refuse_args(ctx, COMMAND, opts.args)
    ctx.streams.print("NAME")
    for name in ctx.kubeconfig().names("clusters"):
        ctx.streams.print(name)
    return None


COMMAND = Command(
    name="config get-clusters",
    short="Display clusters defined in the kubeconfig",
    long="""Display clusters defined in the kubeconfig.""",
    examples="""# Their names
kubectl config get-clusters""",
    usage="config get-clusters [flags] [options]",
    options=Options,
    run=run,
)
