"""Who gets how many seats: a level's share of the server, its bounds, and how idle levels lend to busy ones. Pure.

May import: the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_TARGET = 0.001
SMOOTHING = 0.977
"""What of a demand is still felt ten seconds later: half of it after five minutes."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one level: what it has by right, what it keeps when it lends, what it may have when it borrows."""

    nominal: int
    least: int
    most: int


def bounds(server_seats: int, shares: int, all_shares: int, lendable: int, borrowing: int | None) -> Bounds:
    """Percentages are of the nominal seats; no limit on borrowing means all of the server."""
    nominal = math.ceil(server_seats * shares / all_shares) if all_shares else 0
    may_borrow = server_seats if borrowing is None else half_up(nominal * borrowing / 100)
    return Bounds(nominal, nominal - half_up(nominal * lendable / 100), nominal + may_borrow)


def half_up(value: float) -> int:
    """Rounded as Go rounds what is not negative."""
    return math.floor(value + 0.5)


class Demand:
    """How many seats a level could have used, told at every adjustment for the time since the last one."""

    def __init__(self) -> None:
        self.average = 0.0
        self.deviation = 0.0
        self.highest = 0
        self.smoothed = 0.0
        self.target = 0.0

    def note(self, seconds: float, first: float, second: float, highest: int) -> None:
        """`first` and `second`: the integrals of the demand and of its square over that time."""
        self.highest = highest
        if seconds <= 0:
            return
        self.average = first / seconds
        self.deviation = math.sqrt(max(second / seconds - self.average**2, 0.0))
        envelope = self.average + self.deviation
        self.smoothed = max(envelope, SMOOTHING * self.smoothed + (1 - SMOOTHING) * envelope)


@dataclass(frozen=True, slots=True)
class Claim:
    """One level's part in a division: at least `low`, at most `high`, otherwise in proportion to `target`."""

    target: float
    low: float
    high: float


def divide(seats: int, claims: Sequence[Claim]) -> tuple[list[float], float] | None:
    """Seats for each claim and the one proportion behind them, so that they sum up; None where bounds forbid that.

    What a claim gets grows with the proportion, from `low` to `high`; so the sum does, and one passes through `seats`.
    """
    if not sum(c.low for c in claims) - 1e-6 <= seats <= sum(c.high for c in claims) + 1e-6:
        return None
    targets = [max(claim.target, LEAST_TARGET) for claim in claims]
    turns = sorted({bound / t for c, t in zip(claims, targets, strict=True) for bound in (c.low, c.high)})

    def given(proportion: float) -> list[float]:
        return [max(c.low, min(c.high, proportion * t)) for c, t in zip(claims, targets, strict=True)]

    below = 0.0
    for turn in turns:
        if sum(given(turn)) >= seats:
            low, high = sum(given(below)), sum(given(turn))
            proportion = turn if high == low else below + (turn - below) * (seats - low) / (high - low)
            return given(proportion), proportion
        below = turn
    return given(below), below
