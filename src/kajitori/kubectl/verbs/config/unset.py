"""kubectl config unset: removes one value by its path. May import: client.kubeconfig, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.client.kubeconfig import edit
from kajitori.kubectl.command import Command
from kajitori.kubectl.configuring import refuse_args, unset_property
from kajitori.kubectl.flags import Options

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: Options, ctx: Context) -> int | None:
    if len(opts.args) != 1:
        return refuse_args(ctx, COMMAND, opts.args)
    with edit(ctx.options.kubeconfig or None) as config:
        unset_property(config, opts.args[0])
    ctx.streams.print(f'Property "{opts.args[0]}" unset.')
    return None


COMMAND = Command(
    name="config unset",
    short="Unset an individual value in a kubeconfig file",
    long="""Unset an individual value in a kubeconfig file.""",
    examples="""# No current context
kubectl config unset current-context""",
    usage="config unset PROPERTY_NAME [options]",
    options=Options,
    run=run,
)
