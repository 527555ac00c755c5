"""Sizes in cost estimates: the least and the most that a string, a list or a map can hold.

May import: nothing of Kajitori.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

CEILING: Final = 2**64 - 1
"""More than this is not counted."""


def times(value: int, factor: float) -> int:
    """A product with a fraction, rounded up."""
    return min(math.ceil(value * factor), CEILING)


class Size(NamedTuple):
    """A range of sizes."""

    least: int
    most: int

    def __add__(self, other: object) -> Size:
        assert isinstance(other, Size)
        return Size(min(self.least + other.least, CEILING), min(self.most + other.most, CEILING))

    def by(self, other: Size) -> Size:
        """So many of so much."""
        return Size(min(self.least * other.least, CEILING), min(self.most * other.most, CEILING))

    def or_else(self, other: Size) -> Size:
        """Either of two."""
        return Size(min(self.least, other.least), max(self.most, other.most))


def exactly(size: int) -> Size:
    """A size that is known."""
    return Size(size, size)


ONE: Final = exactly(1)
NOTHING: Final = exactly(0)
UNKNOWN: Final = Size(0, CEILING)
