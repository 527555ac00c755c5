"""kubectl top node: CPU and memory of nodes, and their share of what there is. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, UsageError, flag
from kajitori.kubectl.metrics.usage import NODE_METRICS, Line, TopOptions, check_available, ordered, parsed
from kajitori.kubectl.printers.tabwriter import TabWriter

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
NODES = ResourcePath("v1", "nodes", namespaced=False)


@dataclass(frozen=True, kw_only=True)
class TopNodeOptions(TopOptions):
    show_capacity: bool = flag(False, "Compare with the nodes' capacity rather than with what is allocatable.")

    def validate(self) -> None:
        super().validate()
        if len(self.args) > 1:
            raise HelpfulError("top node", "node [NAME | -l label]")
        if self.args and self.selector:
            raise UsageError("error: only one of NAME or --selector can be provided")


async def run(opts: TopNodeOptions, ctx: Context) -> None:
    await check_available(ctx)
    client = ctx.client()
    if opts.args:
        metrics = [await client.get(NODE_METRICS, opts.args[0])]
        nodes = [await client.get(NODES, opts.args[0])]
    else:
        metrics = (await client.list(NODE_METRICS, label_selector=opts.selector)).items
        nodes = (await client.list(NODES, label_selector=opts.selector)).items
    if not metrics:
        raise UsageError("error: metrics not available yet")
    table(opts, metrics, nodes, TabWriter.tables(ctx.streams.out))


def table(opts: TopNodeOptions, metrics: list[Wire], nodes: list[Wire], writer: TabWriter) -> None:
    """One line for each node measured, in the order asked for, then the others by name with `<unknown>`."""
    kind = "capacity" if opts.show_capacity else "allocatable"
    available = {one["metadata"]["name"]: parsed((one.get("status") or {}).get(kind)) for one in nodes}
    if not opts.no_headers:
        swap = "SWAP(bytes)\tSWAP(%)\t" if opts.show_swap else ""
        writer.write(f"NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t{swap}\n")
    lines = [
        Line((one["metadata"]["name"],), parsed(one.get("usage")), available.get(one["metadata"]["name"], {}))
        for one in metrics
    ]
    known = {line.names[0] for line in lines}
    unknown = [Line((name,), {}, None, set(opts.resources)) for name in sorted(available) if name not in known]
    for line in [*ordered(lines, opts.sort_by), *unknown]:
        writer.write("\t".join(line.cells(opts.resources)) + "\t\n")
    writer.flush()


COMMAND = Command(
    name="top node",
    short="Display resource (CPU/memory) usage of nodes",
    long="""Display resource (CPU/memory) usage of nodes.

 The top-node command allows you to see the resource consumption of nodes.""",
    examples="""# All nodes; a given one
kubectl top node
kubectl top node NODE_NAME""",
    usage="top node [NAME | -l label] [options]",
    aliases=("nodes", "no"),
    options=TopNodeOptions,
    run=run,
)
