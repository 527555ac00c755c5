"""kubectl events: events by time, of one object or of all, and as they come. May import: client, kubectl."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.client.discovery import NoMatch
from kajitori.kubectl.command import Command
from kajitori.kubectl.describers.cluster import EVENTS, Cluster
from kajitori.kubectl.describers.events import interval
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.goorder import ordered
from kajitori.kubectl.printers.jsontext import dumps
from kajitori.kubectl.printers.objects import ObjectPrinter, Silent, printer_for, without_managed_fields
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.kubectl.streams import Out

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class EventsOptions(OutputOptions):
    all_namespaces: bool = flag(
        False, "If present, list the events of all namespaces, whatever --namespace says.", short="A"
    )
    chunk_size: int = flag(500, "Ask for large lists in pieces of this size; 0 asks for all at once.")
    for_: str = flag("", "Filter events to only those pertaining to the specified resource.", name="for")
    no_headers: bool = flag(False, "When using the default output format, don't print headers.")
    types: tuple[str, ...] = flag((), "Output only events of given types.")
    watch: bool = flag(False, "After listing the requested events, watch for more events.", short="w")

    def validate(self) -> None:
        super().validate()
        if any(one.lower() not in ("normal", "warning") for one in self.types):
            raise UsageError("error: valid --types are Normal or Warning")

    def wants(self, event: Wire) -> bool:
        """Whether --types asks for it; letter case does not matter."""
        return not self.types or (event.get("type") or "").lower() in {one.lower() for one in self.types}


async def run(opts: EventsOptions, ctx: Context) -> None:
    fields = await _fields(opts, ctx) if opts.for_ else ""
    printer = _printer(opts) if opts.output or opts.template else None
    namespace = None if opts.all_namespaces else ctx.namespace
    if opts.watch:
        await _watch(opts, ctx, namespace, fields, printer)
        return
    cluster = Cluster(client=ctx.client(), chunk_size=opts.chunk_size)
    found = [one for one in await cluster.list(EVENTS, namespace, fields=fields) if opts.wants(one)]
    if not found:
        ctx.streams.warn(
            "No events found." if opts.all_namespaces else f"No events found in {ctx.namespace} namespace."
        )
        return
    in_order = sorted(found, key=time_of)
    if printer is not None:
        whole = {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": [_typed(one) for one in in_order]}
        printer.print(whole, ctx.streams.out)
        return
    table = Table(opts, ctx)
    table.add(in_order)


_FIELDS: dict[str, Any] = {
    "kind": "Event", "apiVersion": "v1", "metadata": {}, "involvedObject": {}, "reason": None, "message": None,
    "source": {}, "firstTimestamp": ..., "lastTimestamp": ..., "count": None, "type": None, "eventTime": ...,
    "series": None, "action": None, "related": None, "reportingComponent": "", "reportingInstance": "",
}  # fmt: skip
_REFERENCE = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
"""Go's struct: its order, and what it writes for fields that are not set (None: nothing, ...: null)."""


def _typed(event: Wire) -> Wire:
    """The event as Go's struct would be written, unset fields and all."""
    made: Wire = {}
    for name, unset in _FIELDS.items():
        value = event.get(name)
        if value not in (None, ""):
            made[name] = value
        elif unset is not None:
            made[name] = None if unset is ... else unset
    about = made["involvedObject"]
    made["involvedObject"] = {key: about[key] for key in _REFERENCE if about.get(key)}
    made["metadata"] = ordered(made["metadata"], "metadata")
    return made


class _Json:
    def print(self, obj: Wire, out: Out) -> None:
        out.write(dumps(without_managed_fields(obj), sort_keys=False) + "\n")


def _printer(opts: EventsOptions) -> ObjectPrinter:
    if opts.output == "json":
        return _Json()
    return Silent() if opts.output == "name" else printer_for(opts)  # upstream prints no names here either


async def _fields(opts: EventsOptions, ctx: Context) -> str:
    """Raises UsageError where --for is not TYPE/NAME."""
    parts = opts.for_.split("/")
    if len(parts) > 2:
        raise UsageError("error: arguments in resource/name form may not have more than one slash")
    if len(parts) < 2:
        raise UsageError("error: --for must be in resource/name form")
    try:
        resource = await ctx.discovery().resource(parts[0])
    except NoMatch as error:
        raise UsageError(str(error)) from None
    api_version = f",involvedObject.apiVersion={resource.api_version}" if resource.api_version else ""
    return f"involvedObject.kind={resource.kind},involvedObject.name={parts[1]}{api_version}"


def time_of(event: Wire) -> str:
    """The last time that it was seen."""
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")


class Table:
    """Rows as they come; the header once."""

    def __init__(self, opts: EventsOptions, ctx: Context) -> None:
        self._with_namespace = opts.all_namespaces
        self._writer = TabWriter.tables(ctx.streams.out)
        self._header_due = not opts.no_headers

    def add(self, events: list[Wire]) -> None:
        """Prints the events aligned among themselves, the header before the first."""
        if self._header_due:
            self._header_due = False
            names = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
            self._writer.write("\t".join((*(("NAMESPACE",) if self._with_namespace else ()), *names)) + "\n")
        for event in events:
            self._writer.write("\t".join(self._cells(event)) + "\n")
        self._writer.flush()

    def _cells(self, event: Wire) -> list[str]:
        about = event.get("involvedObject") or {}
        cells = [event["metadata"].get("namespace", "")] if self._with_namespace else []
        cells += [interval(event), cell(event.get("type")), cell(event.get("reason"))]
        cells.append(f"{cell(about.get('kind'))}/{cell(about.get('name'))}")
        return [*cells, cell((event.get("message") or "").strip())]


def cell(text: str | None) -> str:
    """The first line only, with control characters made visible."""
    whole = text or ""
    first = re.split(r"[\f\n\r]", whole, maxsplit=1)[0]
    return (first if len(first) == len(whole) else first + "...").replace("\x1b", "^[")


async def _watch(
    opts: EventsOptions, ctx: Context, namespace: str | None, fields: str, printer: ObjectPrinter | None
) -> None:
    table = Table(opts, ctx)
    async for change in ctx.client().watch(EVENTS, namespace, field_selector=fields, bookmarks=False):
        if change.type == "DELETED" or not opts.wants(change.object):  # they expire; that is no news
            continue
        if printer is not None:
            printer.print(_typed(change.object), ctx.streams.out)
        else:
            table.add([change.object])
        ctx.streams.out.flush()


COMMAND = Command(
    name="events",
    short="List events",
    long="""Display events.

 Prints a table of the most important information about events, by time. The events may be those of a namespace, of all
namespaces, or of one object.""",
    examples="""# Recent events in the default namespace; in all namespaces
kubectl events
kubectl events --all-namespaces

# Of one pod, and then those that come
kubectl events --for pod/web-pod-13je7 --watch

# As YAML
kubectl events -oyaml

# Of some types only
kubectl events --types=Warning,Normal""",
    usage="events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|"
    "jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]",
    options=EventsOptions,
    run=run,
    interrupted=1,
)
