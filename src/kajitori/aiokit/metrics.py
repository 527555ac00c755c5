"""Counters, gauges and histograms in Prometheus' text format, without a library: components are many and small.

    REQUESTS = registry.counter("dns_requests_total", "Requests served.", ("proto",))
    REQUESTS.inc("udp")

Values live in dicts keyed by label values; a plain `def` is atomic in one event loop, so there are no locks. What is
printed is what Go's client prints: labels and series in alphabetical order, numbers in as few digits as say them, and
nothing at all of a metric with labels that has counted nothing yet.
May import: the standard library only.
"""

from __future__ import annotations

import os
import resource
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

LATENCY_BUCKETS = tuple(0.001 * 2**n for n in range(15))
DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_INFINITE = float("inf")
_ENOUGH = 64
Labels = tuple[str, ...]
Stability = Literal["", "ALPHA", "BETA", "STABLE"]


class _Metric:
    kind = "untyped"

    def __init__(self, name: str, text: str, labels: Sequence[str], stability: Stability = "") -> None:
        self.name, self.labels = name, tuple(labels)
        self.text = f"[{stability}] {text}" if stability else text
        self._order = sorted(range(len(self.labels)), key=lambda at: self.labels[at])

    def lines(self) -> list[str]:
        raise NotImplementedError

    def expose(self) -> list[str]:
        lines = self.lines()
        return [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} {self.kind}", *lines] if lines else []

    def tags(self, values: Labels) -> str:
        """The series' labels as they are printed."""
        labels = self.labels
        parts = [f'{labels[at]}="{_escape(values[at])}"' for at in self._order]
        return "{" + ",".join(parts) + "}" if parts else ""

    def _sorted(self, keys: Iterable[Labels]) -> list[Labels]:
        return sorted(keys, key=lambda key: [key[at] for at in self._order])


class Counter(_Metric):
    """A number that only grows, per combination of label values; without labels it is there from the start, as 0."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: Sequence[str] = (), stability: Stability = "") -> None:
        super().__init__(name, text, labels, stability)
        self.values: dict[Labels, float] = {} if labels else {(): 0}

    def inc(self, *values: str, by: float = 1) -> None:
        """Adds to the number of these label values, which come in the order of the labels."""
        self.values[values] = self.values.get(values, 0) + by

    def lines(self) -> list[str]:
        return [f"{self.name}{self.tags(key)} {number(self.values[key])}" for key in self._sorted(self.values)]


class Gauge(Counter):
    """A number that goes up and down, per combination of label values."""

    kind = "gauge"

    def set(self, value: float, *values: str) -> None:
        """Label values come in the order of the labels."""
        self.values[values] = value


class Callback(_Metric):
    """A gauge or counter that is asked when it is read: label values → number."""

    kind = "gauge"

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        read: Callable[[], dict[Labels, float]],
        stability: Stability = "",
        kind: Literal["gauge", "counter"] = "gauge",
    ) -> None:
        super().__init__(name, text, labels, stability)
        self._read = read
        self.kind = kind

    def lines(self) -> list[str]:
        values = self._read()
        return [f"{self.name}{self.tags(key)} {number(values[key])}" for key in self._sorted(values)]


class Series:
    """One series of a histogram: hold on to it where observations are many.

    What is only noted is counted with others when enough has come, or when somebody reads the histogram.
    """

    __slots__ = ("_noted", "bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0
        self._noted: list[float] = []

    def observe(self, value: float) -> None:
        """Counts one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def note(self, value: float) -> None:
        """Counts one observation later, at a fraction of the price."""
        noted = self._noted
        noted.append(value)
        if len(noted) >= _ENOUGH:
            self.settle()

    def settle(self) -> None:
        """Counts what has been noted."""
        if self._noted:
            noted, self._noted = self._noted, []
            self.observe_all(noted)

    def observe_all(self, values: Sequence[float]) -> None:
        """Counts many at once: next to nothing for each as long as all of them fall into the first bucket."""
        if max(values) <= self.bounds[0]:
            self.counts[0] += len(values)
        else:
            for value in values:
                self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += sum(values)

    def observe_times(self, value: float, count: int) -> None:
        """Counts as many observations of one value."""
        self.counts[bisect_left(self.bounds, value)] += count
        self.sum += value * count


class Histogram(_Metric):
    """Observations counted by the bucket into which they fall, with their sum; buckets are upper bounds, inclusive."""

    kind = "histogram"

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str] = (),
        buckets: Sequence[float] = LATENCY_BUCKETS,
        stability: Stability = "",
    ) -> None:
        super().__init__(name, text, labels, stability)
        self.buckets = tuple(buckets)
        self._bounds = [f'le="{number(bound)}"' for bound in self.buckets] + ['le="+Inf"']
        self._series: dict[Labels, Series] = {}
        if not labels:
            self.series()

    def series(self, *values: str) -> Series:
        """The series of these label values, which come in the order of the labels; made when it is not there yet."""
        found = self._series.get(values)
        if found is None:
            found = self._series[values] = Series(self.buckets)
        return found

    def adopt(self, series: Series, *values: str) -> None:
        """Show a series that somebody else keeps."""
        self._series[values] = series

    def observe(self, value: float, *values: str) -> None:
        """Counts one observation. Label values come in the order of the labels."""
        self.series(*values).observe(value)

    def note(self, value: float, *values: str) -> None:
        """Counts one observation later: see Series. Label values come in the order of the labels."""
        self.series(*values).note(value)

    def _settle(self) -> None:
        for series in self._series.values():
            series.settle()

    def totals(self) -> dict[Labels, float]:
        """How many observations there were: what a counter beside this histogram reads."""
        self._settle()
        return {key: sum(series.counts) for key, series in self._series.items() if any(series.counts)}

    def lines(self) -> list[str]:
        self._settle()
        out = []
        for key in self._sorted(key for key, series in self._series.items() if not key or any(series.counts)):
            series, total, tags = self._series[key], 0, self.tags(key)
            start = f"{self.name}_bucket{tags[:-1]}," if tags else f"{self.name}_bucket{{"
            for bound, count in zip(self._bounds, series.counts, strict=True):
                total += count
                out.append(f"{start}{bound}}} {total}")
            out.append(f"{self.name}_sum{tags} {number(series.sum)}")
            out.append(f"{self.name}_count{tags} {total}")
        return out


M = TypeVar("M", bound=_Metric)


class Registry:
    """The metrics of one process; `text` is what `/metrics` answers."""

    def __init__(self) -> None:
        self._metrics: dict[str, _Metric] = {}

    def counter(self, name: str, text: str, labels: Sequence[str] = (), stability: Stability = "") -> Counter:
        """Made and registered. As for all kinds, ValueError for a name that is registered."""
        return self.add(Counter(name, text, labels, stability))

    def gauge(self, name: str, text: str, labels: Sequence[str] = (), stability: Stability = "") -> Gauge:
        return self.add(Gauge(name, text, labels, stability))

    def callback(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        read: Callable[[], dict[Labels, float]],
        stability: Stability = "",
        kind: Literal["gauge", "counter"] = "gauge",
    ) -> Callback:
        """A gauge or counter whose values are asked of `read` whenever the metrics are."""
        return self.add(Callback(name, text, labels, read, stability, kind))

    def histogram(
        self,
        name: str,
        text: str,
        labels: Sequence[str] = (),
        buckets: Sequence[float] = LATENCY_BUCKETS,
        stability: Stability = "",
    ) -> Histogram:
        return self.add(Histogram(name, text, labels, buckets, stability))

    def add(self, metric: M) -> M:
        """Register a metric that was made elsewhere."""
        if metric.name in self._metrics:
            raise ValueError(f"metric {metric.name} is registered twice")
        self._metrics[metric.name] = metric
        return metric

    def text(self) -> str:
        """All metrics and the process' own (CPU seconds, memory, files, start) in Prometheus' text format."""
        metrics = [*self._metrics.values(), *process_metrics()]
        lines = [line for metric in sorted(metrics, key=lambda metric: metric.name) for line in metric.expose()]
        return "\n".join([*lines, ""])


def process_metrics() -> list[_Metric]:
    """What is known of every process, as it is now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    page = os.sysconf("SC_PAGE_SIZE")
    virtual, resident = (int(pages) * page for pages in Path("/proc/self/statm").read_text().split()[:2])
    max_fds = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    known: tuple[tuple[str, str, float], ...] = (
        ("process_cpu_seconds_total", "User and system CPU time spent, in seconds.", usage.ru_utime + usage.ru_stime),
        ("process_max_fds", "How many file descriptors may be open.", max_fds),
        ("process_open_fds", "How many file descriptors are open.", len(list(Path("/proc/self/fd").iterdir())) - 1),
        ("process_resident_memory_bytes", "Resident memory in bytes.", resident),
        ("process_start_time_seconds", "When the process began, in seconds since the Unix epoch.", _started()),
        ("process_virtual_memory_bytes", "Virtual memory in bytes.", virtual),
    )
    made: list[_Metric] = []
    for name, text, value in known:
        metric = Gauge(name, text)
        metric.kind = "counter" if name.endswith("_total") else "gauge"
        metric.set(value)
        made.append(metric)
    return made


@lru_cache(1)
def _started() -> float:
    """From the kernel: in ticks since the machine's boot, which is told in whole seconds."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    lines = Path("/proc/stat").read_text().splitlines()
    boot = next((int(line.split()[1]) for line in lines if line.startswith("btime")), int(time.time()))
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def _escape(value: str) -> str:
    if value.isalnum():
        return value
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """The fewest digits that say it, as Go writes them: an exponent from a million on and below 0.0001."""
    if abs(value) < 1e6:
        return str(int(value)) if value == int(value) else repr(value)
    if value != value or value in (_INFINITE, -_INFINITE):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if "e" in text:
        return text
    whole, _, rest = text.lstrip("-").partition(".")
    digits = (whole + rest).rstrip("0")
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{'-' if value < 0 else ''}{mantissa}e+{len(whole) - 1:02d}"
