"""Priority and fairness: every request's flow and level, and the seats of the levels, which lend to one another.

    classify (flow.py) → estimate (estimate.py) → a seat at once, a place in a queue, or 429 (queueset.py)

`digest` takes over a configuration, `adjust` divides the seats anew by what was wanted. The two mandatory schemas and
levels are there whatever is stored. May import: flowcontrol.*, api.flowcontrol, aiokit.http, request, user.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kajitori.aiokit.http.message import Request
from kajitori.api.flowcontrol import standard
from kajitori.apiserver.flowcontrol.allocation import Claim, bounds, divide, half_up
from kajitori.apiserver.flowcontrol.estimate import ONE, Estimator
from kajitori.apiserver.flowcontrol.flow import Classifier, Schema
from kajitori.apiserver.flowcontrol.instruments import Instruments
from kajitori.apiserver.flowcontrol.level import Level
from kajitori.apiserver.flowcontrol.turn import REJECTED, Rejected, Turn
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]


class FlowControl:
    """`arrive` is asked once for each request; `seats` is what the server has for all but the exempt."""

    def __init__(
        self,
        seats: int,
        estimator: Estimator | None,
        instruments: Instruments,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seats = seats
        self._estimator = estimator
        self._instruments = instruments
        self.now = now
        self.levels: dict[str, Level] = {}
        self.fair_fraction = 0.0
        self.on_idle: Callable[[], None] = lambda: None
        """Called when a level that is no longer wanted has nothing left to do."""
        self.digest((), ())

    def arrive(self, request: Request, info: RequestInfo, user: UserInfo) -> Turn:
        """A turn that executes or waits. Raises Rejected (with the flow's headers told) when there is no place."""
        flow = self.classifier.flow(info, user)
        level = flow.level
        if level.exempt or self._estimator is None:
            turn = level.arrive(flow, info, user)
        else:
            work = self._estimator.work(request, info, level.widest, flow.tally.watches)
            turn = level.arrive(flow, info, user) if work is ONE else level.arrive(flow, info, user, *work)
            flow.tally.seats.observe(turn.seats)
        request.told = flow.headers
        if turn.state == REJECTED:
            raise Rejected(level.dropped())
        return turn

    def digest(self, levels: Iterable[Object], schemas: Iterable[Object]) -> None:
        """Work by these from now on. Broken levels do not count, nor do schemas that speak of none."""
        wanted = {obj["metadata"]["name"]: obj for obj in levels if usable(obj)}
        known = self._read([*wanted.values(), *_lacking(standard.MANDATORY_LEVELS, wanted)])
        good = [obj for obj in schemas if Schema(obj).level in known]
        names = {obj["metadata"]["name"] for obj in good}
        good += _lacking(standard.MANDATORY_SCHEMAS, names)
        for name, level in self.levels.items():
            if name not in known and not level.idle:  # its requests are worked off
                level.quiescing, level.on_idle = True, self.on_idle
                known[name] = level
        self.levels = known
        self.classifier = Classifier([Schema(obj) for obj in good], known)
        self._share()

    def _read(self, objects: Sequence[Object]) -> dict[str, Level]:
        known = {}
        for obj in objects:
            name = obj["metadata"]["name"]
            level = self.levels.get(name)
            if level is None:
                level = Level(obj, self._instruments, self.now)
            else:
                level.read(obj)
                level.quiescing, level.on_idle = False, None
            known[name] = level
        return known

    def _share(self) -> None:
        """Bounds for every level; a new one begins with what it has by right less half of what it may lend."""
        levels = self.levels.values()
        shares = sum(level.shares for level in levels)
        for level in levels:
            level.bounds = bounds(self._seats, level.shares, shares, level.lendable, level.borrowing)
            level.wide_limit = level.bounds.nominal
            if not level.introduced:
                level.introduced = True
                level.limit = level.bounds.nominal - (level.bounds.nominal - level.bounds.least) // 2
        self.adjust()

    def adjust(self) -> None:
        """Divide the seats by what each level has wanted since the last time, within its bounds."""
        limited = [level for level in self.levels.values() if not level.exempt]
        seats = sum(level.bounds.nominal for level in self.levels.values())
        left = seats
        for level in self.levels.values():
            level.observe()
            if level.exempt:
                limit = max(level.bounds.least, level.demand.highest)
                left -= limit
                level.admit_up_to(limit)
        lows = [max(one.bounds.least, min(one.bounds.nominal, one.demand.highest)) for one in limited]
        for level, limit in zip(limited, self._limits(limited, lows, seats, left), strict=True):
            level.admit_up_to(limit)

    def _limits(self, levels: Sequence[Level], lows: Sequence[int], seats: int, left: int) -> list[int]:
        """What exempt requests took may leave too little for all: then everybody goes down towards the least."""
        least = sum(level.bounds.least for level in levels)
        claims = []
        for level, low in zip(levels, lows, strict=True):
            level.demand.target = max(float(low), level.demand.smoothed)
            claims.append(Claim(level.demand.target, low, level.bounds.most))
        self.fair_fraction = 0.0
        if left <= least:
            return [level.bounds.least for level in levels]
        if left <= sum(lows):
            part = (left - least) / (sum(lows) - least)
            pairs = zip(levels, lows, strict=True)
            return [level.bounds.least + half_up((low - level.bounds.least) * part) for level, low in pairs]
        divided = divide(seats, claims)
        if divided is None:
            return [level.limit for level in levels]
        self.fair_fraction = divided[1]
        return [half_up(given) for given in divided[0]]


def usable(obj: Object) -> bool:
    """Whether the parts of a level's object fit together."""
    name, spec = obj["metadata"]["name"], obj.get("spec") or {}
    kind, limited = spec.get("type"), spec.get("limited")
    if (kind == "Exempt") != (name == standard.EXEMPT):
        return False
    if kind == "Exempt":
        return limited is None
    if kind != "Limited" or limited is None:
        return False
    response = limited.get("limitResponse") or {}
    return (response.get("type") == "Queue") == (response.get("queuing") is not None)


def _lacking(mandatory: Iterable[Object], names: Iterable[str]) -> list[Object]:
    known = set(names)
    return [obj for obj in mandatory if obj["metadata"]["name"] not in known]
