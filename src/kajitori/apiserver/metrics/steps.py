"""How long the plugins of an admission step took: written down for each request, counted many at a time.

May import: aiokit.metrics.
"""

from collections.abc import Sequence
from itertools import pairwise

from kajitori.aiokit.metrics import Series

PENDING = 256


class StepTimes:
    """Those of one chain of plugins. A request adds a moment for its beginning and one for each plugin's end."""

    __slots__ = ("_pending", "_plugins", "_whole")

    def __init__(self, whole: Series, plugins: Sequence[Series]) -> None:
        self._whole = whole
        self._plugins = tuple(plugins)
        self._pending: list[list[float]] = []

    def add(self, times: list[float]) -> None:
        """All plugins had their say about a request."""
        pending = self._pending
        pending.append(times)
        if len(pending) >= PENDING:
            self.settle()

    def settle(self) -> None:
        """Count what has been written down."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        self._whole.observe_all([times[-1] - times[0] for times in pending])
        turns = pairwise(zip(*pending, strict=True))
        for plugin, (began, ended) in zip(self._plugins, turns, strict=True):
            plugin.observe_all([end - begin for begin, end in zip(began, ended, strict=True)])
