"""Events that watches are sent, counted by the handful: what fifty watches hear of must cost them nothing more.

May import: metrics.instruments.
"""

from bisect import bisect_left
from collections.abc import Sequence

from kajitori.api.registration import Resource
from kajitori.apiserver.metrics.instruments import Metrics


class WatchMetrics:
    """Those of one resource's watches."""

    def __init__(self, metrics: Metrics, resource: Resource) -> None:
        self._kind = resource.group, resource.plural
        self._key = resource.group, resource.version, resource.plural
        self._events = metrics.watch_events
        self._initial = metrics.watch_init
        self._terminated = metrics.watch_terminated
        self._sizes = metrics.watch_sizes.series(*self._key)

    def began(self, events: int) -> None:
        """A watch begins with so many events about what was there before."""
        if events:
            self._initial.inc(*self._kind, by=events)

    def ended_for_slowness(self) -> None:
        """A watch fell too far behind."""
        self._terminated.inc(*self._kind)

    def sent(self, frames: Sequence[bytes], size: int) -> None:
        """Events that go out at once, and their bytes together. Most are of one size's bucket."""
        self._events.inc(*self._key, by=len(frames))
        sizes = self._sizes
        if len(frames) == 1:
            sizes.observe(size)
            return
        lengths = [*map(len, frames)]
        least, most = bisect_left(sizes.bounds, min(lengths)), bisect_left(sizes.bounds, max(lengths))
        if least == most:
            sizes.counts[least] += len(lengths)
        else:
            for length in lengths:
                sizes.counts[bisect_left(sizes.bounds, length)] += 1
        sizes.sum += size
