"""How many seats a request takes: a list as many as its answer has of 100 KB, a write more for those who watch.

From what the watch cache knows; what it does not know (unknown resources, another server's) takes one.
May import: cache, request, aiokit, api.scheme.
"""

from __future__ import annotations

import math

from kajitori.aiokit.http.message import Request
from kajitori.aiokit.metrics import Series
from kajitori.api.scheme import Scheme
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.partition import Partition
from kajitori.apiserver.request import RequestInfo

BYTES_PER_SEAT = 100_000
MOST_BYTES = 1_000_000
"""A larger list is sent in slices: it takes longer, not wider."""
WIDEST_LIST = 100
WIDEST_WRITE = 10
WATCHES_PER_SEAT = 10
EVENT_S = 0.005
"""How long a tenth of a seat is busy with one watcher's event."""
READING, WRITING = frozenset({"list", "watch"}), frozenset({"create", "update", "patch", "delete"})

Work = tuple[int, int, float]
"""Seats until the answer, seats after it, and for how many seconds."""
ONE: Work = (1, 0, 0.0)


class Estimator:
    """Asked for each request that is limited."""

    def __init__(self, scheme: Scheme, cacher: Cacher) -> None:
        self._scheme = scheme
        self._cacher = cacher

    def work(self, request: Request, info: RequestInfo, widest: int, heard: Series | None = None) -> Work:
        """`widest`: the most seats that the level gives to one request; 0 says nothing of it.

        `heard`: where it is counted how many will hear of a write.
        """
        if not info.is_resource_request:
            return ONE
        if info.verb in READING:
            return self._list(request, info, min(widest or WIDEST_LIST, WIDEST_LIST))
        if info.verb in WRITING:
            watches = self._watches(info)
            if heard is not None:
                heard.observe(watches)
            if watches >= WATCHES_PER_SEAT:
                return _telling(watches, min(widest or WIDEST_WRITE, WIDEST_WRITE))
        return ONE

    def _watches(self, info: RequestInfo) -> int:
        partition = self._partition(info)
        return 0 if partition is None or _unheard(info) else partition.interested(info.namespace, info.name)

    def _partition(self, info: RequestInfo) -> Partition | None:
        resource = self._scheme.by_plural(info.group, info.version, info.resource)
        return None if resource is None else self._cacher.find(resource.storage_prefix)

    def _list(self, request: Request, info: RequestInfo, widest: int) -> Work:
        if info.name:
            return ONE
        query = request.query
        if info.verb == "watch" and not _begins_with_state(
            query.get("sendInitialEvents"), query.get("resourceVersion")
        ):
            return ONE
        partition = self._partition(info)
        if partition is None or not len(partition):
            return ONE
        number = partition.count(info.namespace)
        limit = query.get("limit")
        if limit.isdecimal() and len(limit) < 10 and 0 < int(limit) < number:
            number = int(limit)
        size = min(number * partition.size / len(partition), MOST_BYTES)
        return max(1, min(math.ceil(size / BYTES_PER_SEAT), widest)), 0, 0.0


def _telling(watches: int, widest: int) -> Work:
    """The same work in fewer seats takes longer."""
    seats = math.ceil(watches / WATCHES_PER_SEAT)
    final = min(seats, widest)
    return 1, final, EVENT_S * seats / final


def _begins_with_state(initial: str, version: str) -> bool:
    return initial == "true" or version in ("", "0")


def _unheard(info: RequestInfo) -> bool:
    """A token is asked for at its account, which does not change by that."""
    return info.subresource == "token" and info.resource == "serviceaccounts"
