"""Counters, gauges and histograms in Prometheus' text format, without a library: components are many and small.

    REQUESTS = registry.counter("dns_requests_total", "Requests served.", ("proto",))
    REQUESTS.inc("udp")

Values live in dicts keyed by label values; a plain `def` is atomic in one event loop, so there are no locks.
May import: the standard library only.
"""

from __future__ import annotations

import os
import resource
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TypeVar

LATENCY_BUCKETS = (
    0.001,
    0.002,
    0.004,
    0.008,
    0.016,
    0.032,
    0.064,
    0.128,
    0.256,
    0.512,
    1.024,
    2.048,
    4.096,
    8.192,
    16.384,
)
Labels = tuple[str, ...]


class _Metric:
    kind = "untyped"

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self.name, self.text, self.labels = name, text, tuple(labels)

    def lines(self) -> list[str]:
        raise NotImplementedError

    def expose(self) -> list[str]:
        return [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} {self.kind}", *self.lines()]

    def tags(self, values: Labels, extra: str = "") -> str:
        parts = [f'{label}="{_escape(value)}"' for label, value in zip(self.labels, values, strict=True)]
        parts += [extra] if extra else []
        return "{" + ",".join(parts) + "}" if parts else ""


class Counter(_Metric):
    """A number that only grows, per combination of label values; without labels it is there from the start, as 0."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, text, labels)
        self.values: dict[Labels, float] = {} if labels else {(): 0}

    def inc(self, *values: str, by: float = 1) -> None:
        """Adds to the number of these label values, which come in the order of the labels."""
        self.values[values] = self.values.get(values, 0) + by

    def lines(self) -> list[str]:
        return [f"{self.name}{self.tags(key)} {_number(value)}" for key, value in sorted(self.values.items())]


class Gauge(Counter):
    """A number that goes up and down, per combination of label values."""

    kind = "gauge"

    def set(self, value: float, *values: str) -> None:
        """Label values come in the order of the labels."""
        self.values[values] = value


class Callback(_Metric):
    """A gauge that is asked when it is read: label values → number."""

    kind = "gauge"

    def __init__(self, name: str, text: str, labels: Sequence[str], read: Callable[[], dict[Labels, float]]) -> None:
        super().__init__(name, text, labels)
        self._read = read

    def lines(self) -> list[str]:
        return [f"{self.name}{self.tags(key)} {_number(value)}" for key, value in sorted(self._read().items())]


class Histogram(_Metric):
    """Observations counted by the bucket into which they fall, with their sum; buckets are upper bounds, inclusive."""

    kind = "histogram"

    def __init__(
        self, name: str, text: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS
    ) -> None:
        super().__init__(name, text, labels)
        self.buckets = tuple(buckets)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, value: float, *values: str) -> None:
        """Counts one observation. Label values come in the order of the labels."""
        counts = self._counts.get(values)
        if counts is None:
            counts = self._counts[values] = [0] * (len(self.buckets) + 1)
            self._sums[values] = 0.0
        counts[bisect_left(self.buckets, value)] += 1
        self._sums[values] += value

    def lines(self) -> list[str]:
        out = []
        for key in sorted(self._counts):
            total = 0
            for bound, count in zip((*self.buckets, "+Inf"), self._counts[key], strict=True):
                total += count
                le = f'le="{bound}"'
                out.append(f"{self.name}_bucket{self.tags(key, le)} {total}")
            out.append(f"{self.name}_sum{self.tags(key)} {_number(self._sums[key])}")
            out.append(f"{self.name}_count{self.tags(key)} {total}")
        return out


M = TypeVar("M", bound=_Metric)


class Registry:
    """The metrics of one process; `text` is what `/metrics` answers."""

    def __init__(self) -> None:
        self._metrics: dict[str, _Metric] = {}
        self._started = time.time()

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        """Made and registered. As for all kinds, ValueError for a name that is registered."""
        return self._add(Counter(name, text, labels))

    def gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        return self._add(Gauge(name, text, labels))

    def callback(
        self, name: str, text: str, labels: Sequence[str], read: Callable[[], dict[Labels, float]]
    ) -> Callback:
        """A gauge whose values are asked of `read` whenever the metrics are."""
        return self._add(Callback(name, text, labels, read))

    def histogram(
        self, name: str, text: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS
    ) -> Histogram:
        return self._add(Histogram(name, text, labels, buckets))

    def _add(self, metric: M) -> M:
        if metric.name in self._metrics:
            raise ValueError(f"metric {metric.name} is registered twice")
        self._metrics[metric.name] = metric
        return metric

    def text(self) -> str:
        """All metrics and the process' own (CPU seconds, memory, start) in Prometheus' text format."""
        lines = [line for metric in self._metrics.values() for line in metric.expose()]
        usage = resource.getrusage(resource.RUSAGE_SELF)
        lines += [
            "# TYPE process_cpu_seconds_total counter",
            f"process_cpu_seconds_total {usage.ru_utime + usage.ru_stime:.3f}",
            "# TYPE process_resident_memory_bytes gauge",
            f"process_resident_memory_bytes {_resident_bytes()}",
            "# TYPE process_start_time_seconds gauge",
            f"process_start_time_seconds {self._started:.3f}",
        ]
        return "\n".join([*lines, ""])


def _resident_bytes() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123 - one short read, no Path needed
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
