"""Prints Tables as the server sends them: columns, label columns, kind prefixes, namespaces, watch events.

The printer remembers what headers it wrote: a second page or a watch event of the same columns prints rows only.
Pure. May import: kubectl.printers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.printers.tabwriter import TabWriter

Table = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """What `kubectl get` may be asked about tables."""

    no_headers: bool = False
    wide: bool = False
    with_kind: str = ""  # `deployment.apps`: names get it in front
    with_namespace: bool = False
    label_columns: tuple[str, ...] = ()
    show_labels: bool = False


@dataclass
class TablePrinter:
    """One for all pages and watch events of a type, so that the header is written once."""

    options: TableOptions
    _last_columns: list[dict[str, Any]] = field(default_factory=list)
    _has_headers: bool = False

    def print(self, table: Table, out: TabWriter, *, event: str = "") -> None:
        """Writes one table to `out`, which the caller flushes."""
        columns: list[dict[str, Any]] = table.get("columnDefinitions") or []
        headers = not self.options.no_headers
        if self._has_headers and (not columns or columns == self._last_columns):
            headers = False
        columns = columns or self._last_columns
        self._last_columns = columns
        rows = table.get("rows") or []
        if headers and rows:
            self._has_headers = True
            out.write("\t".join(self._header(columns, event)) + "\n")
        for row in rows:
            out.write("\t".join(self._cells(columns, row, event)) + "\n")

    def _header(self, columns: list[dict[str, Any]], event: str) -> list[str]:
        names = ["EVENT"] if event else []
        names += ["NAMESPACE"] if self.options.with_namespace else []
        names += [str(c.get("name", "")).upper() for c in columns if self._shows(c)]
        names += [key.rpartition("/")[2].upper() for key in self.options.label_columns]
        return names + (["LABELS"] if self.options.show_labels else [])

    def _shows(self, column: Mapping[str, Any]) -> bool:
        return self.options.wide or not column.get("priority")

    def _cells(self, columns: list[dict[str, Any]], row: Mapping[str, Any], event: str) -> list[str]:
        meta = (row.get("object") or {}).get("metadata") or {}
        cells = [event] if event else []
        cells += [meta.get("namespace") or ""] if self.options.with_namespace else []
        for column, value in zip(columns, row.get("cells") or (), strict=False):
            if self._shows(column):
                prefix = f"{self.options.with_kind}/" if self.options.with_kind and is_name(column) else ""
                cells.append(prefix + cell_text(value))
        labels = meta.get("labels") or {}
        cells += [labels.get(key, "") for key in self.options.label_columns]
        if self.options.show_labels:
            cells.append(",".join(f"{key}={labels[key]}" for key in sorted(labels)) or "<none>")
        return cells


def is_name(column: Mapping[str, Any]) -> bool:
    """The column that holds the object's name, and so takes the kind in front."""
    return column.get("format") == "name" and column.get("type") == "string"


def cell_text(value: Any) -> str:
    """A cell as one line: only the first line of a text, control characters made visible."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    first = re.split(r"[\f\n\r]", text, maxsplit=1)[0]
    shown = first.replace("\x1b", "^[")
    return shown if len(first) == len(text) else shown + "..."
