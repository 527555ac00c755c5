"""PrioritySort: higher priority first, then whoever has waited longer."""

from typing import Any

from kajitori.scheduler.framework import QueueSortPlugin
from kajitori.scheduler.podinfo import PodInfo


class PrioritySort(QueueSortPlugin):
    name = "PrioritySort"

    def sort_key(self, info: PodInfo, queued_at: float) -> tuple[Any, ...]:
        return (-info.priority, queued_at)
