"""kubectl cordon: no new pods for a node. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.maintenance.nodes import NodeOptions, chosen, mark

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: NodeOptions, ctx: Context) -> None:
    opts.check("cordon")
    await mark(opts, ctx, await chosen(opts, ctx), unschedulable=True)


COMMAND = Command(
    name="cordon",
    short="Mark node as unschedulable",
    long="Mark node as unschedulable.",
    examples="""# Mark node "foo" as unschedulable
kubectl cordon foo""",
    usage="cordon NODE [options]",
    options=NodeOptions,
    run=run,
)
