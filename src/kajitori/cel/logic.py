"""Control flow: an error of one side does not matter when the other decides. Pure. May import: cel.{errors,frame}."""

from __future__ import annotations

from typing import Any

from kajitori.cel.errors import EvaluationError
from kajitori.cel.frame import Code, Frame


def decided(name: str, left: Code, right: Code, *, decisive: bool) -> Code:
    """`&&` (decisive: False) or `||` (decisive: True); `name` is the operator's, for errors."""

    def run(frame: Frame) -> Any:
        failure: EvaluationError | None = None
        try:
            first = left(frame)
            if first is decisive:
                return decisive
            if first is not (not decisive):
                failure = EvaluationError(f"no such overload: {name}")
        except EvaluationError as error:
            failure = error
        try:
            second = right(frame)
        except EvaluationError as error:
            raise failure or error from None
        if second is decisive:
            return decisive
        if failure is not None:
            raise failure
        if second is not (not decisive):
            raise EvaluationError(f"no such overload: {name}")
        return not decisive

    return run


def negated(inner: Code) -> Code:
    """`!`"""

    def run(frame: Frame) -> bool:
        value = inner(frame)
        frame.spend(1)
        if value is True or value is False:
            return not value
        raise EvaluationError("no such overload: !_")

    return run


def conditional(condition: Code, then: Code, other: Code) -> Code:
    """`condition ? then : other`"""

    def run(frame: Frame) -> Any:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return other(frame)
        raise EvaluationError("no such overload: _?_:_")

    return run
