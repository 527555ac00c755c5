"""The difference between two versions of a part of an object, as upstream's refusals of an update show it.

Upstream prints Go's structs; here stand the fields that differ, with what surrounds them cut short.
Pure. May import: machinery.gotext.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.machinery.gotext import quote

_ABSENT = object()


def difference(name: str, old: Any, new: Any) -> str:
    """Lines marked with `-` for what was and `+` for what is to be; `name` is that of the type."""
    return "".join(f"{line}\n" for line in _struct(name, old, new, 0, ""))


def _struct(label: str, old: Any, new: Any, depth: int, end: str) -> Iterator[str]:
    tabs = "\t" * depth
    yield f"  {tabs}{label}{{"
    keys = sorted(old.keys() | new.keys())
    same = 0
    for key in keys:
        was, now = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if was == now:
            same += 1
            continue
        yield from _identical(same, depth + 1, "field")
        same = 0
        yield from _value(f"{_go_name(key)}: ", was, now, depth + 1)
    yield from _identical(same, depth + 1, "field")
    yield f"  {tabs}}}{end}"


def _list(label: str, old: list[Any], new: list[Any], depth: int) -> Iterator[str]:
    tabs = "\t" * depth
    yield f"  {tabs}{label}{{"
    same = 0
    for position in range(max(len(old), len(new))):
        was = old[position] if position < len(old) else _ABSENT
        now = new[position] if position < len(new) else _ABSENT
        if was == now:
            same += 1
            continue
        yield from _identical(same, depth + 1, "element")
        same = 0
        yield from _value("", was, now, depth + 1)
    yield from _identical(same, depth + 1, "element")
    yield f"  {tabs}}},"


def _value(label: str, was: Any, now: Any, depth: int) -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict) and was and now:
        yield from _struct(label, was, now, depth, ",")
    elif isinstance(was, list) and isinstance(now, list) and was and now:
        yield from _list(label, was, now, depth)
    else:
        tabs = "\t" * depth
        for mark, value, other in (("-", was, now), ("+", now, was)):
            if value is not _ABSENT or label:
                yield f"{mark} {tabs}{label}{_shown(value, other)},"


def _identical(count: int, depth: int, what: str) -> Iterator[str]:
    if count:
        tabs, many = "\t" * depth, "s" if count > 1 else ""
        yield f"  {tabs}... // {count} identical {what}{many}"


def _go_name(key: str) -> str:
    return key[:1].upper() + key[1:]


def _shown(value: Any, like: Any = None) -> str:
    if value is _ABSENT:  # what Go has where nothing is
        if isinstance(like, bool):
            return "false"
        return '""' if isinstance(like, str) else "0" if isinstance(like, int) else "nil"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_go_name(key)}: {_shown(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(_shown, value)) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else "nil" if value is None else str(value)
