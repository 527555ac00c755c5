"""The JSONPath of printer columns: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.a['b']`, `[*]`.

Missing fields yield nothing. Pure. May import: nothing of Kajitori.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import orjson

Step = Callable[[list[Any]], list[Any]]
_TOKEN = re.compile(
    r"""\.\.(?P<deep>[\w-]+|\*)
      | \.(?P<name>(?:\\.|[^.\[\]\s])+)
      | \[\?\((?P<filter>.+?)\)\]
      | \[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]
      | \[(?P<slice>-?\d*:-?\d*(?::-?\d+)?)\]
      | \[(?P<index>-?\d+(?:\s*,\s*-?\d+)*)\]
      | \[(?P<all>\*)\]
      | \.(?=$|\[)""",
    re.X,
)
_FILTER = re.compile(r"""^\s*@(?P<path>[^=!<>]*?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?))?\s*$""")


class PathError(ValueError):
    """The expression cannot be read."""


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Callable[[Any], list[Any]]:
    """The function that finds the values of a path. Raises PathError."""
    steps: list[Step] = []
    position = 0
    body = text.strip().removeprefix("{").removesuffix("}")
    while position < len(body):
        match = _TOKEN.match(body, position)
        if match is None:
            raise PathError(f"cannot read {body[position:]!r} in {text!r}")
        step = _step(match)
        if step is not None:
            steps.append(step)
        position = match.end()

    def find(value: Any) -> list[Any]:
        found = [value]
        for step in steps:
            found = step(found)
        return found

    return find


def _step(match: re.Match[str]) -> Step | None:
    groups = match.groupdict()
    if groups["name"] is not None:
        name = re.sub(r"\\(.)", r"\1", groups["name"])
        return _children if name == "*" else _field(name)
    if groups["key"] is not None:
        return _path(re.findall(r"(?:\\.|[^.\\])+", groups["key"]))  # upstream reads it like a name: dots part it
    if groups["filter"] is not None:
        return _filter(groups["filter"])
    if groups["index"] is not None:
        positions = [int(part) for part in groups["index"].split(",")]
        return lambda values: [
            value[p] for value in values if isinstance(value, list) for p in positions if -len(value) <= p < len(value)
        ]
    if groups["slice"] is not None:
        bounds = slice(*(int(part) if part else None for part in groups["slice"].split(":")))
        return lambda values: [item for value in values if isinstance(value, list) for item in value[bounds]]
    if groups["all"] is not None:
        return _children
    if groups["deep"] is not None:
        wanted = groups["deep"]
        return lambda values: [item for value in values for item in _deep(value, wanted)]
    return None


def _path(names: list[str]) -> Step:
    def find(values: list[Any]) -> list[Any]:
        for name in names:
            values = _field(re.sub(r"\\(.)", r"\1", name))(values)
        return values

    return find


def _field(name: str) -> Step:
    return lambda values: [value[name] for value in values if isinstance(value, dict) and name in value]


def _children(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        found += list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return found


def _deep(value: Any, name: str) -> list[Any]:
    found = []
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        found += list(value.values()) if name == "*" else [value[name]] if name in value else []
    for child in children:
        found += _deep(child, name)
    return found


def _filter(text: str) -> Step:
    match = _FILTER.match(text)
    if match is None:
        raise PathError(f"cannot read the filter {text!r}")
    path, operator, literal = parse(match["path"] or ""), match["op"], match["value"]
    if operator is None:
        return lambda values: [item for value in values if isinstance(value, list) for item in value if path(item)]
    wanted = _literal(literal)
    compare = _COMPARE[operator]

    def holds(item: Any) -> bool:
        found = path(item)
        try:
            return bool(found) and bool(compare(found[0], wanted))
        except TypeError:
            return False

    return lambda values: [item for value in values if isinstance(value, list) for item in value if holds(item)]


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _literal(text: str) -> Any:
    if text[:1] == text[-1:] and text[:1] in ("'", '"') and len(text) > 1:
        return text[1:-1]
    try:
        return orjson.loads(text)
    except ValueError:
        return text
