"""One evaluation: the names that are bound, the cost so far. Pure. May import: cel.errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kajitori.cel.errors import CallCostExceeded


class Frame:
    """One evaluation."""

    __slots__ = ("cost", "limit", "names")

    def __init__(self, names: Mapping[str, Any], limit: int) -> None:
        self.names = dict(names)
        self.cost = 0
        self.limit = limit

    def spend(self, cost: int) -> None:
        """Adds to the cost. Raises CallCostExceeded."""
        self.cost += cost
        if self.cost > self.limit:
            raise CallCostExceeded


Code = Callable[[Frame], Any]

ABSENT: Any = object()


class Scope:
    """A name for the length of a with block."""

    __slots__ = ("_before", "_frame", "_name", "_value")

    def __init__(self, frame: Frame, name: str, value: Any) -> None:
        self._frame, self._name, self._value = frame, name, value

    def __enter__(self) -> None:
        self._before = self._frame.names.get(self._name, ABSENT)
        self._frame.names[self._name] = self._value

    def __exit__(self, *_: object) -> None:
        if self._before is ABSENT:
            self._frame.names.pop(self._name, None)
        else:
            self._frame.names[self._name] = self._before
