"""kubectl top pod: CPU and memory of pods, or of their containers. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, UsageError, flag
from kajitori.kubectl.metrics.usage import POD_METRICS, Line, TopOptions, added, check_available, ordered, parsed
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.kubectl.sessions.pods import PODS
from kajitori.machinery.times import format_go_duration, parse_time

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
PATIENCE_S = 120.0


@dataclass(frozen=True, kw_only=True)
class TopPodOptions(TopOptions):
    all_namespaces: bool = flag(
        False, "If present, list the pods of all namespaces, whatever --namespace says.", short="A"
    )
    containers: bool = flag(False, "If present, print usage of containers within a pod.")
    field_selector: str = flag("", "Selector (field query) to filter on, supports '=', '==', and '!='.")
    sum: bool = flag(False, "Print the sum of the resource usage")

    def validate(self) -> None:
        super().validate()
        if len(self.args) > 1:
            raise HelpfulError("top pod", "pod [NAME | -l label]")
        if self.args and (self.selector or self.field_selector):
            raise UsageError("error: only one of NAME or selector can be provided")


async def run(opts: TopPodOptions, ctx: Context) -> None:
    await check_available(ctx)
    namespace = None if opts.all_namespaces else ctx.namespace
    if opts.args:
        items = [await ctx.client().get(POD_METRICS, opts.args[0], ctx.namespace)]
    else:
        found = await ctx.client().list(
            POD_METRICS, namespace, label_selector=opts.selector, field_selector=opts.field_selector
        )
        items = found.items
    if not items:
        await _explain_nothing(opts, ctx, namespace)
        return
    table(opts, items, TabWriter.tables(ctx.streams.out))


def table(opts: TopPodOptions, items: list[Wire], writer: TabWriter) -> None:
    """One line for each pod, or container with --containers; --sum adds a last one."""
    header = ["NAMESPACE"] if opts.all_namespaces else []
    header += ["POD"] if opts.containers else []
    header += ["NAME", "CPU(cores)", "MEMORY(bytes)", *(["SWAP(bytes)"] if opts.show_swap else [])]
    if not opts.no_headers:
        writer.write("\t".join(header) + "\t\n")
    for line in _lines(opts, items):
        writer.write("\t".join(line.cells(opts.resources)) + "\t\n")
    if opts.sum:
        everything = added([_total(opts, item) for item in items], opts.resources)
        blank = "\t" * (len(header) - 2)
        writer.write(f"{blank}________\t________\t\n")
        cells = Line(("",), everything).cells(opts.resources)
        writer.write("\t" * (len(header) - 3) + "\t".join(cells) + "\t\n")
    writer.flush()


def _total(opts: TopPodOptions, item: Wire) -> dict[str, Any]:
    return added([parsed(one.get("usage")) for one in item.get("containers") or ()], opts.resources)


def _lines(opts: TopPodOptions, items: list[Wire]) -> list[Line]:
    pods = []
    for item in items:
        meta = item["metadata"]
        where = (meta["namespace"],) if opts.all_namespaces else ()
        pods.append((Line((*where, meta["name"]), _total(opts, item)), item))
    by_line = {id(line): item for line, item in pods}
    in_order = ordered([line for line, _ in pods], opts.sort_by)
    if not opts.containers:
        return in_order
    return [
        line
        for pod in in_order
        for line in ordered(
            [
                Line((*pod.names, one["name"]), parsed(one.get("usage")))
                for one in by_line[id(pod)].get("containers") or ()
            ],
            opts.sort_by,
        )
    ]


async def _explain_nothing(opts: TopPodOptions, ctx: Context, namespace: str | None) -> None:
    """Pods that are new have no metrics yet; old ones should. Raises UsageError where there are pods."""
    found = await ctx.client().list(PODS, namespace, label_selector=opts.selector, field_selector=opts.field_selector)
    for pod in found.items:
        meta = pod["metadata"]
        age = (datetime.now(UTC) - parse_time(meta["creationTimestamp"])).total_seconds()
        if age > PATIENCE_S:
            where = f"{meta['namespace']}/{meta['name']}"
            raise UsageError(f"error: Metrics not available for pod {where}, age: {format_go_duration(age)}")
    if found.items:
        raise UsageError("error: metrics not available yet")
    ctx.streams.warn("No resources found" + ("" if opts.all_namespaces else f" in {ctx.namespace} namespace."))


COMMAND = Command(
    name="top pod",
    short="Display resource (CPU/memory) usage of pods",
    long="""Display resource (CPU/memory) usage of pods.

 Metrics come with some delay: a pod that was just created has none for a few minutes.""",
    examples="""# All pods of the default namespace; of another one
kubectl top pod
kubectl top pod --namespace=NAMESPACE

# One pod and its containers
kubectl top pod POD_NAME --containers

# By label
kubectl top pod -l name=myLabel""",
    usage="top pod [NAME | -l label] [options]",
    aliases=("pods", "po"),
    options=TopPodOptions,
    run=run,
)
