"""Why a Pod fits nowhere, in the words that users know from FailedScheduling. Pure.

May import: scheduler.framework.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from kajitori.scheduler.framework import Verdict

NO_NODES = "no nodes available to schedule pods"


@dataclass
class FitError(Exception):
    """No node will do: `statuses` says why per node, unless a PreFilter refused the Pod altogether."""

    total_nodes: int
    statuses: Mapping[str, Verdict] = field(default_factory=dict)
    pre_filter_message: str = ""
    post_filter_message: str = ""
    rejected_by: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        if not self.total_nodes:
            return NO_NODES
        text = f"0/{self.total_nodes} nodes are available:"
        if self.pre_filter_message:
            text += f" {self.pre_filter_message}."
        else:
            reasons = histogram(self.statuses)
            text += f" {reasons}." if reasons else ""
        return text + (f" {self.post_filter_message}" if self.post_filter_message else "")


def histogram(statuses: Mapping[str, Verdict]) -> str:
    """`2 Insufficient cpu, 1 node(s) were unschedulable`: sorted as text, number first."""
    counts = Counter(reason for verdict in statuses.values() for reason in verdict.reasons)
    return ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
