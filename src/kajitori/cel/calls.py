"""Calls of functions and operators, each at its overload's cost. Pure. May import: cel.*."""

from __future__ import annotations

from typing import Any

from kajitori.cel.errors import EvaluationError
from kajitori.cel.frame import Code, Frame
from kajitori.cel.overloads import Overload, size_of
from kajitori.cel.types import Type
from kajitori.cel.values import Uint, type_name


def is_certain(kind: Type) -> bool:
    """Whether the checker knew the type, so that its choice of an overload needs no second look."""
    return kind.kind not in ("dyn", "null_type")


def direct(overload: Overload, args: list[Code]) -> Code:
    """A call of the one overload that fits."""
    impl, cost = overload.impl, overload.cost
    if cost is None and len(args) == 2:
        left, right = args

        def binary(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            frame.spend(1)
            return impl(a, b)

        return binary

    def run(frame: Frame) -> Any:
        values = [arg(frame) for arg in args]
        frame.spend(1 if cost is None else cost([size_of(value) for value in values]))
        return impl(*values)

    return run


def dispatched(name: str, overloads: list[Overload], args: list[Code]) -> Code:
    """A call of whichever overload fits the values that come."""

    def run(frame: Frame) -> Any:
        values = [arg(frame) for arg in args]
        for overload in overloads:
            if all(fits(kind, value) for kind, value in zip(overload.args, values, strict=True)):
                cost = overload.cost
                frame.spend(1 if cost is None else cost([size_of(value) for value in values]))
                return overload.impl(*values)
        frame.spend(1)
        raise EvaluationError("no such overload")

    return run


def fits(kind: Type, value: Any) -> bool:
    """Whether a value may be an argument of this type."""
    wanted = kind.kind
    if wanted.startswith("?") or wanted == "dyn":
        return True
    if wanted == "int":
        return isinstance(value, int) and not isinstance(value, bool | Uint)
    if wanted == "double":
        return isinstance(value, float)
    return type_name(value) == wanted
