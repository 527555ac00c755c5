"""/debug/api_priority_and_fairness/: levels, queues and requests as tables, as upstream prints them.

May import: flowcontrol.{control,level,turn}, aiokit.http, request, user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from kajitori.aiokit.http.message import Request, Response
from kajitori.apiserver.flowcontrol.control import FlowControl
from kajitori.apiserver.flowcontrol.level import Level
from kajitori.apiserver.flowcontrol.turn import Turn
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

ROOT = "/debug/api_priority_and_fairness/"
WIDTH = 8
LEVELS = (
    "PriorityLevelName",
    "ActiveQueues",
    "IsIdle",
    "IsQuiescing",
    "WaitingRequests",
    "ExecutingRequests",
    "DispatchedRequests",
    "RejectedRequests",
    "TimedoutRequests",
    "CancelledRequests",
)
QUEUES = (
    "PriorityLevelName",
    "Index",
    "PendingRequests",
    "ExecutingRequests",
    "SeatsInUse",
    "NextDispatchR",
    "InitialSeatsSum",
    "MaxSeatsSum",
    "TotalWorkSum",
)
REQUESTS = (
    "PriorityLevelName",
    "FlowSchemaName",
    "QueueIndex",
    "RequestIndexInQueue",
    "FlowDistingsher",
    "ArriveTime",
    "InitialSeats",
    "FinalSeats",
    "AdditionalLatency",
    "StartTime",
)
DETAILS = ("UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource")
_NEVER = "0001-01-01T00:00:00Z"


class Dumps:
    """Handlers for three paths."""

    def __init__(self, control: FlowControl, now: Callable[[], datetime]) -> None:
        self._control = control
        self._now = now

    async def levels(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """A row for each priority level."""
        return _table([LEVELS, *(_level(level) for level in self._sorted())])

    async def queues(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """A row for each queue."""
        rows: list[tuple[str, ...]] = [QUEUES]
        for level in self._sorted():
            for queue in level.queues:
                initial, most = sum(turn.initial for turn in queue.waiting), sum(turn.seats for turn in queue.waiting)
                numbers = (queue.index, len(queue.waiting), queue.executing, queue.seats)
                sums = (f"{queue.next_r:.8f}ss", initial, most, f"{queue.work:.8f}ss")
                rows.append((level.name, *map(str, numbers), *map(str, sums)))
        return _table(rows)

    async def requests(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """A row for each request; more of each with `includeRequestDetails`."""
        more = bool(request.query.get("includeRequestDetails"))
        rows: list[tuple[str, ...]] = [(*REQUESTS, *DETAILS) if more else REQUESTS]
        for level in self._sorted():
            for queue in level.queues:
                rows += (self._request(turn, queue.index, at, more=more) for at, turn in enumerate(queue.waiting))
            executing = sorted(level.executing, key=lambda turn: turn.started)
            rows += (self._request(turn, turn.queue.index if turn.queue else -1, -1, more=more) for turn in executing)
        return _table(rows)

    def _sorted(self) -> list[Level]:
        return [level for _, level in sorted(self._control.levels.items())]

    def _request(self, turn: Turn, queue: int, at: int, *, more: bool) -> tuple[str, ...]:
        flow, info = turn.flow, turn.info
        started = self._stamp(turn.started) if at < 0 else _NEVER
        numbers = str(turn.initial), str(turn.final), _duration(turn.lingers_s)
        place = flow.level.name, flow.schema, str(queue), str(at), flow.distinguisher, self._stamp(turn.arrived)
        row = (*place, *numbers, started)
        if not more:
            return row
        version = f"{info.group}/{info.version}" if info.group else info.version
        details = (info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource)
        return (*row, turn.user.name, *details)

    def _stamp(self, moment: float) -> str:
        when = self._now() - timedelta(seconds=self._control.now() - moment)
        return f"{when:%Y-%m-%dT%H:%M:%S.%f}Z"


def _level(level: Level) -> tuple[str, ...]:
    active = sum(1 for queue in level.queues if queue.waiting)
    numbers = (level.waiting, len(level.executing), level.dispatched, level.rejected, level.timed_out, level.timed_out)
    states = str(level.idle).lower(), str(level.quiescing).lower()
    return (level.name, str(active), *states, *map(str, numbers))


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:g}ms" if seconds else "0s"


def _table(rows: Iterable[Sequence[str]]) -> Response:
    """Cells end in a comma and are as wide as the widest of their column."""
    cells = [[*(f"{cell}," for cell in row[:-1]), row[-1]] for row in rows]
    columns = zip(*cells, strict=True)
    widths = [max(WIDTH, *(len(cell) + 1 for cell in column)) for column in columns]
    lines = ("".join(c.ljust(w) for c, w in zip(row[:-1], widths, strict=False)) + row[-1] for row in cells)
    return Response.text("".join(f"{line}\n" for line in lines))
