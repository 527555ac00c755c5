"""Which objects of a resource have which value of a label: kept for the labels that lists ask for by value.

An index is made when a label is first asked for, kept up to date with every change, and dropped when `MAX_LABELS`
others have been asked for since. May import: cache.entry, machinery.labels.
"""

from collections.abc import Iterable

from kajitori.apiserver.cache.entry import Entry
from kajitori.machinery.labels import DOUBLE_EQUALS, EQUALS, IN, Selector

MAX_LABELS = 16
_BY_VALUE = frozenset({EQUALS, DOUBLE_EQUALS, IN})


class LabelIndex:
    """Label → value → keys of the objects that have it."""

    def __init__(self) -> None:
        self._labels: dict[str, dict[str, set[str]]] = {}

    def candidates(self, selector: Selector, entries: Iterable[Entry]) -> set[str] | None:
        """Keys of a superset of what the selector matches; None when only looking at all would tell."""
        best: set[str] | None = None
        for requirement in selector.requirements or ():
            if requirement.operator not in _BY_VALUE:
                continue
            by_value = self._index(requirement.key, entries)
            found = [by_value[value] for value in requirement.values if value in by_value]
            keys = found[0] if len(found) == 1 else set().union(*found)
            if best is None or len(keys) < len(best):
                best = keys
        return best

    def _index(self, label: str, entries: Iterable[Entry]) -> dict[str, set[str]]:
        by_value = self._labels.pop(label, None)
        if by_value is None:
            by_value = {}
            for entry in entries:
                value = entry.labels().get(label)
                if value is not None:
                    by_value.setdefault(value, set()).add(entry.key)
            if len(self._labels) >= MAX_LABELS:
                del self._labels[next(iter(self._labels))]
        self._labels[label] = by_value  # last: the one asked for most recently
        return by_value

    def changed(self, old: Entry | None, new: Entry | None) -> None:
        """An object came, went, or has other labels now."""
        if not self._labels:
            return
        before, after = old.labels() if old is not None else {}, new.labels() if new is not None else {}
        if before == after and old is not None and new is not None:
            return
        for label, by_value in self._labels.items():
            was, now = before.get(label), after.get(label)
            if was is not None and was != now and old is not None:
                keys = by_value[was]
                keys.discard(old.key)
                if not keys:
                    del by_value[was]
            if now is not None and was != now and new is not None:
                by_value.setdefault(now, set()).add(new.key)

    def clear(self) -> None:
        """Forget everything; the next question starts over."""
        self._labels.clear()
