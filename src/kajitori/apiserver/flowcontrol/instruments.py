"""What priority and fairness counts with, under upstream's names: by priority level, and by flow schema within it.

Counters and gauges are plain numbers that are added up as requests come and go and read when somebody asks; histograms
are held on to by their series. May import: aiokit.metrics.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from kajitori.aiokit.metrics import Histogram, Registry, Series, Stability

DURATIONS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
LENGTHS = (0.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
SEATS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 100.0)
WATCHES = (0.0, 1.0, 10.0, 100.0, 1000.0, 10000.0)
UTILIZATION = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
REQUESTS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1.0)
DEMANDS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.7, 2.0, 2.8, 4.0, 6.0)
NANOSECONDS = 1e9
PREFIX = "apiserver_flowcontrol_"
_FLOW = ("priority_level", "flow_schema")


def lasted(series: Series, value: float, seconds: float) -> None:
    """A value that lasted: an observation for every nanosecond."""
    weight = int(seconds * NANOSECONDS)
    series.counts[bisect_left(series.bounds, value)] += weight
    series.sum += value * weight


class Instruments:
    """The histograms of one server."""

    def __init__(self, registry: Registry) -> None:
        def histogram(name: str, text: str, labels: Iterable[str], bounds: tuple[float, ...]) -> Histogram:
            stability: Stability = "BETA" if name in _BETA else "ALPHA"
            return registry.histogram(PREFIX + name, text, tuple(labels), bounds, stability)

        flow = _FLOW
        self.durations = histogram(
            "request_execution_seconds", "How long requests took, once it was their turn.", (*flow, "type"), DURATIONS
        )
        self.waits = histogram(
            "request_wait_duration_seconds", "How long requests waited in a queue.", (*flow, "execute"), DURATIONS
        )
        self.lengths = histogram(
            "request_queue_length_after_enqueue", "How long a queue was, with the request that joined.", flow, LENGTHS
        )
        self.seats = histogram("work_estimated_seats", "How many seats requests were thought to need.", flow, SEATS)
        self.watches = histogram("watch_count_samples", "How many watches would hear of a write.", flow, WATCHES)
        self.utilization = histogram(
            "priority_level_seat_utilization",
            "What part of its seats a level used, for every nanosecond.",
            ("priority_level", "phase"),
            UTILIZATION,
        )
        self.requests = histogram(
            "priority_level_request_utilization",
            "How many requests there were, to how many there might be, for every nanosecond.",
            ("phase", "priority_level"),
            REQUESTS,
        )
        self.demands = histogram(
            "demand_seats",
            "How many seats a level could have used, to its nominal ones, for every nanosecond.",
            ("priority_level",),
            DEMANDS,
        )


_BETA = frozenset({"request_wait_duration_seconds"})


class Tally:
    """The numbers of one flow schema at one level."""

    __slots__ = (
        "dispatched",
        "durations",
        "executing",
        "executing_seats",
        "lengths",
        "not_accommodated",
        "queued",
        "queued_seats",
        "rejected",
        "seats",
        "waits",
        "watch_durations",
        "watches",
    )

    def __init__(self, instruments: Instruments, level: str, schema: str) -> None:
        self.dispatched = self.not_accommodated = 0
        self.queued = self.queued_seats = self.executing = self.executing_seats = 0
        self.rejected: dict[str, int] = {}
        self.durations = instruments.durations.series(level, schema, "regular")
        self.watch_durations = instruments.durations.series(level, schema, "watch")
        self.waits = {True: instruments.waits.series(level, schema, "true")}
        self.waits[False] = instruments.waits.series(level, schema, "false")
        self.lengths = instruments.lengths.series(level, schema)
        self.seats = instruments.seats.series(level, schema)
        self.watches = instruments.watches.series(level, schema)

    def reject(self, reason: str) -> None:
        """One that was turned away."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1

    def straight(self) -> None:
        """One that found a free seat at once: it waited for nothing, in a queue of one."""
        self.waits[True].counts[0] += 1
        self.lengths.counts[1] += 1
        self.lengths.sum += 1
