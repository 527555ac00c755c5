"""``get --watch``: prints what is there, then every change, until the server ends the watch or the user stops it.

May import: kubectl, client (types).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.getting.show import CountingOut, object_printer, selection, table_options
from kajitori.kubectl.printers.table import TablePrinter
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.kubectl.resources.builder import find, flattened, namespace_for

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.getting.options import GetOptions
    from kajitori.kubectl.resources.infos import Info

MORE_THAN_ONE = (
    "error: watch is only supported on individual resources and resource collections - more than 1 resource was found"
)


async def watch(opts: GetOptions, ctx: Context) -> None:
    """Lists unless --watch-only, then prints until the server ends the watch.

    Raises `UsageError` for more than one type or name: one watch follows one of them.
    """
    if opts.sort_by:
        ctx.streams.warn("warning: --watch requested, --sort-by will be ignored for watch events received")
    chosen = selection(opts)
    found = await find(ctx, chosen)
    found.raise_errors()
    if len({info.resource for info in found.infos}) > 1:
        raise UsageError("error: you may only specify a single resource type")
    if len([i for i in found.infos if i.name]) > 1:
        raise UsageError(MORE_THAN_ONE)
    if not found.infos:
        return
    show = _Shower(opts, ctx, found.infos[0])
    if not opts.watch_only:
        for info in found.infos:
            show.listed(info)
    last = found.infos[-1]
    version = (last.object.get("metadata") or {}).get("resourceVersion") or ""
    if last.name and last.object.get("kind") == "Table":
        rows = last.object.get("rows") or [{}]
        version = version or ((rows[0].get("object") or {}).get("metadata") or {}).get("resourceVersion") or ""
    fields = f"metadata.name={last.name}" if last.name else opts.field_selector
    async for event in ctx.client().watch(
        last.resource,
        namespace_for(ctx, last.resource, all_namespaces=opts.all_namespaces),
        resource_version=version,
        label_selector=opts.selector,
        field_selector=fields,
        bookmarks=False,
        accept=chosen.accept,
    ):
        show.event(event.type, event.object)


class _Shower:
    """Prints objects one after the other, flushing after each."""

    def __init__(self, opts: GetOptions, ctx: Context, first: Info) -> None:
        self._out = CountingOut(ctx.streams.out)
        self._opts = opts
        self._printer = None if opts.is_table else object_printer(opts)
        self._tables = TablePrinter(table_options(opts, first, with_kind=opts.show_kind))
        self._writer = TabWriter.tables(self._out)

    def listed(self, info: Info) -> None:
        if self._printer is None:
            self.event("ADDED", info.object)
            return
        for obj in [one.object for one in flattened(info.resource, info.object)] if info.is_list else [info.object]:
            self.event("ADDED", obj)

    def event(self, kind: str, obj: dict[str, Any]) -> None:
        if self._printer is None:
            self._tables.print(obj, self._writer, event=kind if self._opts.output_watch_events else "")
            self._writer.flush()
        elif self._opts.output_watch_events:
            self._printer.print({"object": obj, "type": kind}, self._out)
        else:
            self._printer.print(obj, self._out)
        self._out.flush()
