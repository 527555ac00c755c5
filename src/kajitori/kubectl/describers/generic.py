"""Kinds without their own describer: every field under a title made from its name. May import: kubectl.describers."""

from __future__ import annotations

import re
from typing import Any

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, shown

_SHOWN_ELSEWHERE = frozenset(
    f".metadata.{field}" for field in ("managedFields", "name", "namespace", "labels", "annotations")
)
_ACRONYMS = frozenset({"API", "URL", "UID", "OSB", "GUID"})
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^A-Za-z]+")


async def describe_anything(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    marks(page, obj)
    _content(page, 0, obj, "")
    await write_events(page, obj, cluster)


def _content(page: Page, level: int, content: Wire, path: str) -> None:
    for field in sorted(content):
        value, where = content[field], f"{path}.{field}"
        if where in _SHOWN_ELSEWHERE:
            continue
        if isinstance(value, dict):
            page.row(level, f"{title_of(field)}:")
            _content(page, level + 1, value, where)
        elif isinstance(value, list):
            page.row(level, f"{title_of(field)}:")
            _list(page, level + 1, value, where)
        else:
            page.row(level, f"{title_of(field)}:", shown(value))


def _list(page: Page, level: int, values: list[Any], path: str) -> None:
    for value in values:
        if isinstance(value, dict):
            _content(page, level, value, path)
        else:
            page.row(level, shown(value))


def title_of(field: str) -> str:
    """``creationTimestamp`` → ``Creation Timestamp``; names with other signs than ``-`` stay as they are."""
    if not all(char.isalpha() or char == "-" for char in field):
        return field
    pieces = [piece.upper() if piece.upper() in _ACRONYMS else piece[:1].upper() + piece[1:] for piece in _split(field)]
    return " ".join(pieces)


def _split(field: str) -> list[str]:
    return _PIECE.findall(field)
