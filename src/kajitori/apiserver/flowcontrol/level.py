"""A priority level: its queues, its share of the server, and its metrics.

May import: flowcontrol.{allocation,instruments,queueset}.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from kajitori.apiserver.flowcontrol.allocation import Bounds, Demand
from kajitori.apiserver.flowcontrol.instruments import Instruments, Tally, lasted
from kajitori.apiserver.flowcontrol.queueset import EXEMPT, QUEUE, REJECT, QueueSet

Object = dict[str, Any]
WIDEST_SHARE = 0.15


class Level(QueueSet):
    """Configured by a PriorityLevelConfiguration; `bounds` and `limit` are set by who knows all levels.

    `quiescing`: its object is gone, it works off what it has.
    """

    def __init__(self, obj: Object, instruments: Instruments, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(obj["metadata"]["name"], now)
        self._instruments = instruments
        self.tallies: dict[str, Tally] = {}
        self.demand = Demand()
        self.bounds = Bounds(0, 0, 0)
        self.quiescing = False
        self.introduced = False
        name = self.name
        self._utilization = instruments.utilization.series(name, "executing")
        self._executing = instruments.requests.series("executing", name)
        self._waiting = instruments.requests.series("waiting", name)
        self._demands = instruments.demands.series(name)
        self._seconds = self._first = self._second = 0.0
        self._highest = 0
        self.read(obj)

    def read(self, obj: Object) -> None:
        """Take over what its object says now."""
        spec = obj["spec"]
        self.uid: str = obj["metadata"].get("uid") or ""
        self.exempt = spec["type"] == "Exempt"
        part = (spec.get("exempt") if self.exempt else spec.get("limited")) or {}
        queuing = (part.get("limitResponse") or {}).get("queuing")
        self.shares: int = part.get("nominalConcurrencyShares") or 0
        self.lendable: int = part.get("lendablePercent") or 0
        self.borrowing: int | None = part.get("borrowingLimitPercent")
        self.queue_count: int = queuing["queues"] if queuing else 0
        self.hand_size: int = queuing["handSize"] if queuing else 0
        if queuing:
            self.configure(QUEUE, self.queue_count, queuing["queueLengthLimit"])
        else:
            self.configure(EXEMPT if self.exempt else REJECT)

    def tally(self, schema: str) -> Tally:
        """The numbers of a flow schema here."""
        found = self.tallies.get(schema)
        if found is None:
            found = self.tallies[schema] = Tally(self._instruments, self.name, schema)
        return found

    @property
    def widest(self) -> int:
        """The most seats that one request is thought to need; 0: the estimator's own limit."""
        if not self.queue_count:
            return 0
        nominal = self.bounds.nominal
        return max(1, min(math.ceil(nominal * WIDEST_SHARE), nominal // self.hand_size))

    def fold(self) -> None:
        """Put what was spent in each state where metrics and lending look for it."""
        seats = max(self.limit, 1)
        room = max(self.length_limit, 1) * max(self.queue_count, 1)
        spent, self.spent = self.spent, {}
        for (executing, in_use, waiting, wanted), seconds in spent.items():
            demand = in_use + wanted
            self._highest = max(self._highest, demand)
            self._seconds += seconds
            self._first += demand * seconds
            self._second += demand * demand * seconds
            lasted(self._utilization, in_use / seats, seconds)
            lasted(self._executing, executing / seats, seconds)
            lasted(self._waiting, waiting / room, seconds)
            lasted(self._demands, demand / max(self.bounds.nominal, 1), seconds)

    def observe(self) -> None:
        """Note the demand since the last time."""
        self.admit_up_to(self.limit)
        self.fold()
        self.demand.note(self._seconds, self._first, self._second, self._highest)
        self._seconds = self._first = self._second = 0.0
        self._highest = self.seats_in_use + self.seats_waiting
