"""Events that watches are sent, noted by their sizes: what fifty watches hear of is counted when somebody scrapes.

May import: metrics.instruments.
"""

from collections import Counter
from collections.abc import Sequence

from kajitori.api.registration import Resource
from kajitori.apiserver.metrics.instruments import Metrics

MOST_SIZES = 1024
"""Different sizes that are noted before they are counted."""


class WatchMetrics:
    """Those of one resource's watches."""

    def __init__(self, metrics: Metrics, resource: Resource) -> None:
        self._kind = resource.group, resource.plural
        self._seen = metrics.watch_seen.setdefault((resource.group, resource.version, resource.plural), Counter())
        self._settle = metrics.settle
        self._initial = metrics.watch_init
        self._terminated = metrics.watch_terminated

    def began(self, events: int) -> None:
        """A watch begins with so many events about what was there before."""
        if events:
            self._initial.inc(*self._kind, by=events)

    def ended_for_slowness(self) -> None:
        """A watch fell too far behind."""
        self._terminated.inc(*self._kind)

    def sent(self, frames: Sequence[bytes]) -> None:
        """Events that go out at once."""
        seen = self._seen
        if len(frames) == 1:
            seen[len(frames[0])] += 1
        else:
            seen.update(map(len, frames))
        if len(seen) > MOST_SIZES:
            self._settle()
