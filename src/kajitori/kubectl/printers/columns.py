"""``-o custom-columns=NAME:.metadata.name,…``: a table made of JSONPath expressions.

May import: kubectl.{flags,printers,templates}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.printers.tabwriter import TabWriter
from kajitori.kubectl.streams import Out
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.jsonpath import JSONPath, relaxed, show


class CustomColumnsPrinter:
    """Prints a header once, then a line per object (or per item of a List)."""

    def __init__(self, columns: list[tuple[str, JSONPath]], *, no_headers: bool = False) -> None:
        self._columns = columns
        self._header_due = not no_headers

    def print(self, obj: dict[str, Any], out: Out) -> None:
        """Aligns the columns of one call; the header is written before the first."""
        writer = TabWriter.tables(out)
        if self._header_due:
            writer.write("\t".join(name for name, _ in self._columns) + "\n")
            self._header_due = False
        items = obj.get("items") if str(obj.get("kind", "")).endswith("List") else [obj]
        for item in items or ():
            writer.write("\t".join(self._cell(path, item) for _, path in self._columns) + "\n")
        writer.flush()

    def _cell(self, path: JSONPath, item: Any) -> str:
        values = [value for values in path.find(item) for value in values]
        return ",".join(_shown(value) for value in values) if values else "<none>"


def _shown(value: Any) -> str:
    if value is None:
        return "<none>"
    if isinstance(value, dict | list):
        from kajitori.kubectl.templates.gofuncs import show as go_show

        return go_show(value)
    return show(value)


def from_spec(spec: str, *, no_headers: bool = False) -> CustomColumnsPrinter:
    """``NAME:.metadata.name,IMAGE:.spec.image``."""
    if not spec:
        raise UsageError("error: custom-columns format specified but no custom columns given")
    columns = []
    for part in spec.split(","):
        name, colon, path = part.partition(":")
        if not colon:
            raise UsageError(f"error: unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        columns.append((name, _path(path)))
    return CustomColumnsPrinter(columns, no_headers=no_headers)


def from_file(name: str, *, no_headers: bool = False) -> CustomColumnsPrinter:
    """Two lines: headers, and the paths under them."""
    if not name:
        raise UsageError("error: custom-columns-file format specified but no custom columns given")
    try:
        lines = Path(name).read_text().splitlines()
    except OSError as error:
        raise UsageError(
            f"error: error reading template {name}, open {name}: {(error.strerror or '').lower()}"
        ) from error
    if len(lines) < 2:
        raise UsageError("error: invalid format, expected two lines")
    names, paths = lines[0].split(), lines[1].split()
    if len(names) != len(paths):
        raise UsageError(f"error: number of headers ({len(names)}) and field specifications ({len(paths)}) don't match")
    return CustomColumnsPrinter([(n, _path(p)) for n, p in zip(names, paths, strict=True)], no_headers=no_headers)


def _path(text: str) -> JSONPath:
    try:
        return JSONPath(relaxed(text))
    except TemplateError as error:
        raise UsageError(f"error: {error}") from error
