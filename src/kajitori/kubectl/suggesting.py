"""Names that somebody may have meant: within two edits, or beginning with what was typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def suggestions(typed: str, names: Iterable[str]) -> list[str]:
    """The names that are close enough, in their order."""
    return [name for name in names if distance(typed.lower(), name) <= 2 or name.startswith(typed.lower())]


def distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row = row, [i]
        for j, y in enumerate(b, start=1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y)))
    return row[-1]
