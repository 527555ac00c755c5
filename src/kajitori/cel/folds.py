"""Comprehensions: all, exists, exists_one, filter, map, transformList, transformMap.

Each step costs what cel-go's expansion into accumulator, condition and step does. May import: cel.*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kajitori.cel import ast
from kajitori.cel.errors import EvaluationError
from kajitori.cel.frame import ABSENT, Code, Frame

STEP_COST = {
    "all": 3,
    "exists": 4,
    "exists_one": 1,
    "filter": 1,
    "map": 12,
    "transformList": 12,
    "transformMap": 3,
    "transformMapEntry": 2,
}
"""What each round costs beside its own expressions."""
MATCH_COST = {"exists_one": 1, "filter": 12}
"""What a round costs more when its condition holds."""
END_COST = {"exists_one": 2}


def fold(node: ast.Fold, range_: Code, condition: Code | None, result: Code | None) -> Code:
    """The closure of a comprehension, made of those of its parts."""
    step = _FOLDS[node.kind]
    first, second = node.variable, node.variable2
    end_cost = END_COST.get(node.kind, 1)

    def run(frame: Frame) -> Any:
        items = range_(frame)
        if not isinstance(items, list | dict):
            raise EvaluationError("no such overload")
        names = frame.names
        before = [(name, names.get(name, ABSENT)) for name in (first, second) if name]
        try:
            outcome = step(frame, _bound(names, items, first, second), condition, result)
        finally:
            for name, value in before:
                if value is ABSENT:
                    names.pop(name, None)
                else:
                    names[name] = value
        frame.spend(end_cost)
        return outcome

    return run


def _bound(names: dict[str, Any], items: Any, first: str, second: str) -> Iterator[tuple[Any, Any]]:
    """Sets the variables for each round; yields (key, element)."""
    pairs = items.items() if isinstance(items, dict) else enumerate(items)
    is_map = isinstance(items, dict)
    for key, value in list(pairs):
        if second:
            names[first], names[second] = key, value
        else:
            names[first] = key if is_map else value
        yield key, (key if is_map else value)


Rounds = Iterator[tuple[Any, Any]]


def _holds(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise EvaluationError("no such overload")


def _all(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> bool:
    return not _decided(frame, rounds, condition, "all", decisive=False)


def _exists(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> bool:
    return _decided(frame, rounds, condition, "exists", decisive=True)


def _decided(frame: Frame, rounds: Rounds, condition: Any, kind: str, *, decisive: bool) -> bool:
    """Whether some round decides; an error counts only if none does."""
    failure: EvaluationError | None = None
    for _ in rounds:
        frame.spend(STEP_COST[kind])
        try:
            if _holds(condition(frame)) is decisive:
                return True
        except EvaluationError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return False


def _exists_one(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> bool:
    count = 0
    for _ in rounds:
        frame.spend(STEP_COST["exists_one"])
        if _holds(condition(frame)):
            frame.spend(MATCH_COST["exists_one"])
            count += 1
    return count == 1


def _filter(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> list[Any]:
    found = []
    for _, element in rounds:
        frame.spend(STEP_COST["filter"])
        if _holds(condition(frame)):
            frame.spend(MATCH_COST["filter"])
            found.append(element)
    return found


def _map(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> list[Any]:
    found = []
    for _ in rounds:
        frame.spend(STEP_COST["map"])
        if condition is None or _holds(condition(frame)):
            found.append(result(frame))
    return found


def _transform_map(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> dict[Any, Any]:
    found = {}
    for key, _ in rounds:
        frame.spend(STEP_COST["transformMap"])
        if condition is None or _holds(condition(frame)):
            found[key] = result(frame)
    return found


def _transform_entries(frame: Frame, rounds: Rounds, condition: Any, result: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for _ in rounds:
        frame.spend(STEP_COST["transformMapEntry"])
        if condition is None or _holds(condition(frame)):
            for key, value in result(frame).items():
                if key in found:
                    raise EvaluationError(f"insert failed: key {key} already exists")
                found[key] = value
    return found


_FOLDS: dict[str, Callable[..., Any]] = {
    "all": _all,
    "exists": _exists,
    "exists_one": _exists_one,
    "filter": _filter,
    "map": _map,
    "transformList": _map,
    "transformMap": _transform_map,
    "transformMapEntry": _transform_entries,
}
