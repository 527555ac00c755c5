"""kubectl uncordon: a node takes new pods again. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.maintenance.nodes import NodeOptions, chosen, mark

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


async def run(opts: NodeOptions, ctx: Context) -> None:
    opts.check("uncordon")
    await mark(opts, ctx, await chosen(opts, ctx), unschedulable=False)


COMMAND = Command(
    name="uncordon",
    short="Mark node as schedulable",
    long="Mark node as schedulable.",
    examples="""# Mark node "foo" as schedulable
kubectl uncordon foo""",
    usage="uncordon NODE [options]",
    options=NodeOptions,
    run=run,
)
