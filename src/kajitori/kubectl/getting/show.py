"""Prints what was asked for, once: tables with a blank line between types, or whole objects.

May import: kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.printers.table import TableOptions, TablePrinter
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.kubectl.resources.builder import JSON, TABLE, Found, Selection, find, raise_all

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.getting.options import GetOptions
    from kajitori.kubectl.printers.objects import ObjectPrinter
    from kajitori.kubectl.resources.infos import Info

GET_FORMATS = (
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "name",
    "template",
    "templatefile",
    "wide",
    "yaml",
)


async def show(opts: GetOptions, ctx: Context) -> None:
    """Raises what was not found after the rest is printed."""
    printer = None if opts.is_table else object_printer(opts)
    found = await _found(opts, ctx)
    errors = [e for e in found.errors if not (opts.ignore_not_found and getattr(e, "reason", "") == "NotFound")]
    if printer is not None:
        print_objects(opts, ctx, found, printer, errors)
    else:
        out = CountingOut(ctx.streams.out)
        print_tables(opts, _in_order(opts, found.infos), out)
        if not out.written and not errors and not (opts.ignore_not_found and not _lists_only(found)):
            ctx.streams.warn(nothing_found(opts, ctx, found))
    raise_all(errors)


async def _found(opts: GetOptions, ctx: Context) -> Found:
    """What upstream gathers from files it tells without the word error."""
    try:
        found = await find(ctx, selection(opts))
    except UsageError as error:
        if str(error).startswith("error: unable to decode"):
            raise UsageError(str(error).removeprefix("error: ")) from error
        raise
    found.errors = [
        UsageError(str(error).removeprefix("error: ")) if isinstance(error, UsageError) else error
        for error in found.errors
    ]
    return found


def _lists_only(found: Found) -> bool:
    return bool(found.infos) and all(info.is_list for info in found.infos)


def selection(opts: GetOptions) -> Selection:
    """What `find` is to look for; a list that is to be sorted comes in one piece, with its objects."""
    return Selection(
        args=opts.args,
        files=opts,
        label_selector=opts.selector,
        field_selector=opts.field_selector,
        all_namespaces=opts.all_namespaces,
        default_all=True,
        flatten=opts.is_table and not opts.server_print,
        chunk_size=0 if opts.sort_by else opts.chunk_size,
        accept=TABLE if opts.is_table and opts.server_print else JSON,
        subresource=opts.subresource,
        include_object=opts.is_table and bool(opts.sort_by),
    )


def nothing_found(opts: GetOptions, ctx: Context, found: Found) -> str:
    """Names the namespace only where one was looked in."""
    if not opts.all_namespaces and all(info.resource.namespaced for info in found.infos):
        return f"No resources found in {ctx.namespace} namespace."
    return "No resources found"


class CountingOut:
    """A stream that knows whether anything was written, and can put a blank line in front of what comes next."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.written = 0
        self.separate_next = False

    def write(self, text: str) -> int:
        """Puts the blank line between two tables before the second's first text, and only if it has any."""
        if not text:
            return 0
        if self.separate_next:
            self._out.write("\n")
            self.separate_next = False
        self.written += len(text)
        return self._out.write(text)

    def flush(self) -> None:
        self._out.flush()


def print_tables(opts: GetOptions, infos: list[Info], out: CountingOut) -> None:
    """One table per run of objects of the same type."""
    writer = TabWriter.tables(out)
    printer: TablePrinter | None = None
    last: Any = None
    with_kind = opts.show_kind or len({info.resource for info in infos}) > 1
    written_before = 0
    for info in infos:
        if printer is None or info.resource != last:
            writer.flush()
            writer.forget_widths()
            if last is not None and not opts.no_headers and out.written > written_before:
                out.separate_next = True
            written_before = out.written
            printer = TablePrinter(table_options(opts, info, with_kind=with_kind))
            last = info.resource
        printer.print(_as_table(opts, info.object), writer)
    writer.flush()


def _in_order(opts: GetOptions, infos: list[Info]) -> list[Info]:
    """Objects sorted across their types. Of the server's tables upstream sorts one alone: rows of more lack fields."""
    if not opts.sort_by or len(infos) < 2:
        return infos
    from kajitori.kubectl.printers.sorting import no_such_field, sort_by

    if opts.server_print:
        raise no_such_field(opts.sort_by)
    return sort_by(infos, opts.sort_by, lambda info: info.object)


def table_options(opts: GetOptions, info: Info, *, with_kind: bool) -> TableOptions:
    """For one resource's rows; `with_kind` where several types are shown."""
    return TableOptions(
        no_headers=opts.no_headers,
        wide=opts.output == "wide",
        with_kind=info.kind_name if with_kind else "",
        with_namespace=opts.all_namespaces and info.resource.namespaced,
        label_columns=opts.label_columns,
        show_labels=opts.show_labels,
    )


def _as_table(opts: GetOptions, obj: dict[str, Any]) -> dict[str, Any]:
    if obj.get("kind") != "Table":
        from kajitori.kubectl.getting.fallback import table_of

        obj = table_of(obj)
    rows = obj.get("rows") or []
    if opts.sort_by and len(rows) > 1:
        from kajitori.kubectl.printers.sorting import NoSuchField, sort_by

        try:
            return {**obj, "rows": sort_by(rows, opts.sort_by, lambda row: row.get("object"))}
        except NoSuchField:  # upstream shows nothing at all then
            return {**obj, "rows": []}
    return obj


def object_printer(opts: GetOptions) -> ObjectPrinter:
    """The printer for -o; raises `UsageError` for an unknown format or a broken expression."""
    form, equals, argument = opts.output.partition("=")
    if form in ("custom-columns", "custom-columns-file"):
        from kajitori.kubectl.printers import columns

        make = columns.from_file if form.endswith("file") else columns.from_spec
        return make(argument if equals else opts.template, no_headers=opts.no_headers)
    from kajitori.kubectl.printers.objects import printer_for

    return printer_for(opts, allowed=GET_FORMATS)


def print_objects(
    opts: GetOptions, ctx: Context, found: Found, printer: ObjectPrinter, errors: list[Exception]
) -> None:
    """One named object as it is; anything else as one List."""
    if found.single and len(found.infos) == 1 and not found.infos[0].is_list:
        printer.print(found.infos[0].object, ctx.streams.out)
        return
    items = [item for info in found.infos for item in _items(info)]
    if not items and (errors or (opts.ignore_not_found and not _lists_only(found))):
        return
    if opts.sort_by:
        from kajitori.kubectl.printers.sorting import sort_by

        items = sort_by(items, opts.sort_by, lambda item: item)
    whole = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
    printer.print(whole, ctx.streams.out)


def _items(info: Info) -> list[dict[str, Any]]:
    if not info.is_list:
        return [info.object]
    from kajitori.kubectl.resources.builder import flattened

    return [one.object for one in flattened(info.resource, info.object)]
