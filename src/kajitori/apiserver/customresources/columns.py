"""Printer columns: what `kubectl get` shows of a custom resource.

Pure. May import: api.registration, machinery.times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson

from kajitori.api.registration import NAME_COLUMN, Column
from kajitori.apiserver.customresources import jsonpath
from kajitori.machinery.times import human_duration, parse_time

Object = dict[str, Any]
Find = Callable[[Any], list[Any]]
_DEFAULT: Object = {
    "name": "Age",
    "type": "date",
    "jsonPath": ".metadata.creationTimestamp",
}


def columns(definitions: Sequence[Object]) -> tuple[Column, ...]:
    """The name and what the version asks for; an age when it asks for nothing."""
    more = [
        Column(
            name=item.get("name") or "",
            type=item.get("type") or "string",
            format=item.get("format") or "",
            description="" if item is _DEFAULT else item.get("description") or _described(item),
            priority=item.get("priority") or 0,
        )
        for item in _readable(definitions)
    ]
    return (NAME_COLUMN, *more)


def _readable(definitions: Sequence[Object]) -> list[Object]:
    """Those whose path can be read; upstream shows no others."""
    found: list[Object] = []
    for item in definitions or (_DEFAULT,):
        try:
            jsonpath.parse(item.get("jsonPath") or "")
        except jsonpath.PathError:
            continue
        found.append(item)
    return found


def _described(item: Object) -> str:
    return f"Custom resource definition column (in JSONPath format): {item.get('jsonPath') or ''}"


class Row:
    """Fills the cells of one object."""

    def __init__(self, definitions: Sequence[Object]) -> None:
        self._cells: list[tuple[str, Find]] = [
            (item.get("type") or "string", jsonpath.parse(item.get("jsonPath") or ""))
            for item in _readable(definitions)
        ]

    def __call__(self, obj: Object, now: datetime) -> list[Any]:
        row: list[Any] = [(obj.get("metadata") or {}).get("name", "")]
        for kind, find in self._cells:
            found = find(obj)
            row.append(_cell(kind, found[0], now) if found else None)
        return row


def _cell(kind: str, value: Any, now: datetime) -> Any:
    if value is None:
        return None
    if kind == "string":
        return _text(value)
    if kind == "date":
        return _age(value, now)
    if kind == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    return None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()


def _age(value: Any, now: datetime) -> str:
    if not isinstance(value, str):
        return "<invalid>"
    try:
        then = parse_time(value)
    except ValueError:
        return "<invalid>"
    return human_duration((now - then).total_seconds())
