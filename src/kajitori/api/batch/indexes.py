"""Lists of a Job's indexes as status and success policies write them: `1,3-5,7`.

May import: machinery.gotext.
"""

from __future__ import annotations

import re

from kajitori.machinery.gotext import quote

_NUMBER = re.compile(r"[+-]?[0-9]+\Z", re.ASCII)


class IndexesError(ValueError):
    """Why a text is no list of indexes, in upstream's words."""


def count(text: str, completions: int) -> int:
    """How many indexes the list names."""
    total, last = 0, -1
    for part in text.split(",") if text else ():
        first, end = interval(part, completions)
        if total and last >= first:
            raise IndexesError(f"non-increasing order, previous: {last}, current: {first}")
        total, last = total + end - first + 1, end
    return total


def interval(text: str, completions: int) -> tuple[int, int]:
    """First and last index of one part."""
    limits = text.split("-")
    if len(limits) > 2:
        rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
        raise IndexesError(f"the fragment {quote(text)} {rule}")
    ends = [_index(limit, completions) for limit in limits]
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise IndexesError(f"non-increasing order, previous: {ends[0]}, current: {ends[1]}")
    return ends[0], ends[-1]


def _index(text: str, completions: int) -> int:
    if not _NUMBER.match(text):
        raise IndexesError(f"cannot convert string to integer for index: {quote(text)}")
    if int(text) >= completions:
        raise IndexesError(f"too large index: {quote(text)}")
    return int(text)


def overlap(completed: str, failed: str, completions: int) -> int | None:
    """The first index that both lists name; parts that cannot be read are skipped."""
    others = _intervals(failed, completions)
    shared = [
        max(first, other_first)
        for first, end in _intervals(completed, completions)
        for other_first, other_end in others
        if first <= other_end and other_first <= end
    ]
    return min(shared, default=None)


def _intervals(text: str, completions: int) -> list[tuple[int, int]]:
    found = []
    for part in text.split(",") if text else ():
        try:
            found.append(interval(part, completions))
        except IndexesError:
            continue
    return found
