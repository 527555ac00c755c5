"""Amounts that pods and nodes use: added up, sorted, shown in millicores and mebibytes.

Pure, but for `check_available`.
May import: client, kubectl, machinery.quantity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.client.discovery import NoMatch
from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.flags import Options, UsageError, flag
from kajitori.machinery.quantity import Quantity

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Wire = dict[str, Any]
Usage = dict[str, Quantity]
NODE_METRICS = ResourcePath("metrics.k8s.io/v1beta1", "nodes", namespaced=False)
POD_METRICS = ResourcePath("metrics.k8s.io/v1beta1", "pods", namespaced=True)
MEBI = 1024 * 1024
ZERO = Quantity()


@dataclass(frozen=True, kw_only=True)
class TopOptions(Options):
    no_headers: bool = flag(False, "If present, print output without headers")
    selector: str = flag("", "Selector (label query) to filter on.", short="l")
    show_swap: bool = flag(False, "Print resources related to swap memory.")
    sort_by: str = flag("", "Sort by this field: 'cpu' or 'memory'.")
    use_protocol_buffers: bool = flag(True, "Use protocol buffers to access the Metrics API.")

    def validate(self) -> None:
        if self.sort_by not in ("", "cpu", "memory"):
            raise UsageError("error: --sort-by accepts only cpu or memory")

    @property
    def resources(self) -> tuple[str, ...]:
        return ("cpu", "memory", "swap") if self.show_swap else ("cpu", "memory")


async def check_available(ctx: Context) -> None:
    """Raises UsageError where the cluster has no metrics."""
    try:
        await ctx.discovery().resource("pods.metrics.k8s.io")
    except NoMatch:
        raise UsageError("error: Metrics API not available") from None


def parsed(usage: Mapping[str, str] | None) -> Usage:
    return {name: Quantity.parse(value) for name, value in (usage or {}).items()}


def added(usages: list[Usage], resources: tuple[str, ...]) -> Usage:
    """The sum of these resources; one that is missing counts as zero."""
    total = dict.fromkeys(resources, ZERO)
    for usage in usages:
        for name in resources:
            total[name] = total[name] + usage.get(name, ZERO)
    return total


def shown(name: str, amount: Quantity) -> str:
    """``250m``, ``64Mi``."""
    return f"{amount.milli_value()}m" if name == "cpu" else f"{amount.value() // MEBI}Mi"


@dataclass
class Line:
    """A row of the table, with what it is sorted by."""

    names: tuple[str, ...]
    usage: Usage
    available: Usage | None = None
    missing: set[str] = field(default_factory=set)

    def cells(self, resources: tuple[str, ...]) -> list[str]:
        """The names, then an amount per resource, with its percentage where it is known what is available."""
        cells = list(self.names)
        for name in resources:
            if name in self.missing:
                cells += ["<unknown>", "<unknown>"]
                continue
            amount = self.usage.get(name, ZERO)
            cells.append(shown(name, amount))
            if self.available is not None and name in self.available:
                cells.append(f"{_percent(amount, self.available[name])}%")
        return cells


def _percent(amount: Quantity, whole: Quantity) -> int:
    all_ = whole.milli_value()
    return int(amount.milli_value() / all_ * 100) if all_ else 0


def ordered(lines: list[Line], sort_by: str) -> list[Line]:
    """By name, or the thirstiest first."""
    if not sort_by:
        return sorted(lines, key=lambda line: line.names)
    return sorted(lines, key=lambda line: line.usage.get(sort_by, ZERO), reverse=True)
