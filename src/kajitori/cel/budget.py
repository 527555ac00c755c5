"""What an evaluation may cost, in the units of cel-go's cost tracker. May import: cel.errors."""

from __future__ import annotations

from kajitori.cel.errors import BudgetExceeded

PER_CALL_LIMIT = 1_000_000
"""The most that one evaluation of an expression may cost."""
PER_OBJECT_LIMIT = 10_000_000
"""The most that all rules together may cost for one object or one request."""


class Budget:
    """A number of cost units to spend. Pass the same one to several evaluations to bound them together.

    `limit` bounds all of it; each single evaluation is bounded by PER_CALL_LIMIT as well.
    """

    __slots__ = ("left", "per_call")

    def __init__(self, limit: int = PER_OBJECT_LIMIT, per_call: int = PER_CALL_LIMIT) -> None:
        self.left = limit
        self.per_call = per_call

    def spend(self, cost: int) -> None:
        """Raises BudgetExceeded when nothing is left."""
        self.left -= cost
        if self.left < 0:
            raise BudgetExceeded
