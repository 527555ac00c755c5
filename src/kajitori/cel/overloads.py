"""The table of functions: what each is called with, what it gives, what it costs, how it is done.

A cost is a function of the sizes that the arguments have when they come (1 for scalars); estimates beforehand are
those of `callcosts`.

May import: cel.types, cel.values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from kajitori.cel.errors import EvaluationError
from kajitori.cel.types import DYN, Type, variable

Cost = Callable[[Sequence[int]], int]
F = TypeVar("F", bound=Callable[..., Any])
TRAVERSE: Final = 0.1
REGEX: Final = 0.25
A, B, K, V = variable("A"), variable("B"), variable("K"), variable("V")


class Overload:
    """One signature. `args` include the receiver of a member function."""

    __slots__ = ("args", "cost", "impl", "member", "name", "result")

    def __init__(
        self,
        name: str,
        args: tuple[Type, ...],
        result: Type,
        impl: Callable[..., Any],
        *,
        member: bool = False,
        cost: Cost | None = None,
    ) -> None:
        self.name = name
        self.args = args
        self.result = result
        self.impl = impl
        self.member = member
        self.cost = cost


Table = dict[str, list[Overload]]


class Library:
    """Collects overloads; modules make one each."""

    def __init__(self) -> None:
        self.table: Table = {}

    def add(self, overload: Overload) -> None:
        """Registers one."""
        self.table.setdefault(overload.name, []).append(overload)

    def function(self, name: str, *args: Type, result: Type, cost: Cost | None = None) -> Callable[[F], F]:
        """Decorator: a global function."""

        def register(impl: F) -> F:
            self.add(Overload(name, args, result, impl, cost=cost))
            return impl

        return register

    def method(self, name: str, *args: Type, result: Type, cost: Cost | None = None) -> Callable[[F], F]:
        """Decorator: a member function; the first argument is the receiver."""

        def register(impl: F) -> F:
            self.add(Overload(name, args, result, impl, member=True, cost=cost))
            return impl

        return register


def traversal(*positions: int, factor: float = TRAVERSE) -> Cost:
    """Reading the arguments at these positions once."""
    return lambda sizes: 1 + math.ceil(sum(sizes[p] for p in positions) * factor) - 1 or 1


def scan(position: int = 0) -> Cost:
    """One unit for each element."""
    return lambda sizes: max(sizes[position], 1)


def product(sizes: Sequence[int]) -> int:
    """Every element of one against every one of the other."""
    return max(sizes[0] * sizes[1], 1)


def regex_cost(sizes: Sequence[int]) -> int:
    """A regular expression over a string."""
    return math.ceil((sizes[0] + 1) * TRAVERSE) * max(math.ceil(sizes[1] * REGEX), 1)


def size_of(value: Any) -> int:
    """A value's size as costs see it."""
    return len(value) if isinstance(value, str | bytes | list | dict) else 1


__all__ = ["DYN", "A", "B", "K", "Library", "Overload", "Table", "V"]


def holds(parse: Callable[[str], Any]) -> Callable[[str], bool]:
    """The test whether a text can be parsed, from what parses it."""

    def check(text: str) -> bool:
        try:
            parse(text)
        except EvaluationError:
            return False
        return True

    return check
