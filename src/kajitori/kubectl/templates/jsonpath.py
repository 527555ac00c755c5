"""JSONPath as kubectl has it: text with ``{…}`` in it, ``range``/``end``, filters, slices, unions, ``..``.

Values of one ``{…}`` are joined by spaces; objects and lists print as compact JSON. A missing key is nothing when
missing keys are allowed. Pure. May import: kubectl.templates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.jsonpath_parse import (
    Field,
    Filter,
    Keyword,
    Literal,
    Node,
    Path,
    Recursive,
    Slice,
    Text,
    Union,
    Wildcard,
    parse,
)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


class JSONPath:
    """A parsed template. Raises TemplateError where it is malformed."""

    def __init__(self, source: str, *, allow_missing_keys: bool = True) -> None:
        self._source = source
        self._nodes = parse(source)
        self._lenient = allow_missing_keys

    def find(self, data: Any) -> list[list[Any]]:
        """The values of each ``{…}`` and each text. Raises TemplateError for a missing key unless those are allowed."""
        run = _Run(data, lenient=self._lenient)
        run.nodes(self._nodes, data)
        return run.results

    def render(self, data: Any) -> str:
        """The text for one object; raises `TemplateError`, for a missing key too unless these are allowed."""
        try:
            return "".join(" ".join(show(value) for value in values) for values in self.find(data))
        except TemplateError as error:
            raise TemplateError(
                f'error executing jsonpath "{self._source}": Error executing template: {error}.'
            ) from error

    def render_json(self, data: Any) -> str:
        """All values as one JSON list, as ``-o jsonpath-as-json`` prints it."""
        from kajitori.kubectl.printers.jsontext import dumps

        return dumps([value for values in self.find(data) for value in values]) + "\n"


def values_at(path: str, data: Any) -> list[Any]:
    """The values of a lone expression such as ``{.spec.nodeName}``; empty when it is missing."""
    found = JSONPath(path).find(data)
    return found[0] if found else []


def relaxed(expression: str) -> str:
    """``x.y``, ``.x.y``, ``{x.y}`` → ``{.x.y}``. Raises TemplateError."""
    text = expression.strip()
    if not text:
        return text
    if text.startswith("{") != text.endswith("}"):
        raise TemplateError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
        )
    inner = text[1:-1] if text.startswith("{") else text
    return "{" + (inner if inner.startswith((".", "[", "@", "$")) else f".{inner}") + "}"


def show(value: Any) -> str:
    """One value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, dict | list):
        from kajitori.kubectl.printers.jsontext import dumps

        return dumps(value, indent=None)
    if isinstance(value, float):
        from kajitori.kubectl.templates.gofuncs import show as go_show

        return go_show(value)
    return str(value)


@dataclass
class _Run:
    root: Any
    lenient: bool
    results: list[list[Any]] = field(default_factory=list)

    def nodes(self, nodes: list[Node], data: Any) -> None:
        position = 0
        while position < len(nodes):
            node = nodes[position]
            if isinstance(node, Keyword) and node.word == "range":
                end = _matching_end(nodes, position)
                for value in self.path(node.path, data):
                    self.nodes(nodes[position + 1 : end], value)
                position = end + 1
                continue
            if isinstance(node, Keyword):
                raise TemplateError("not in range, nothing to end")
            self.results.append([node.text] if isinstance(node, Text) else self.path(node, data))
            position += 1

    def path(self, path: Path, data: Any) -> list[Any]:
        values = [self.root if path.from_root else data]
        for step in path.steps:
            values = self.step(step, values)
        return values

    def step(self, step: Any, values: list[Any]) -> list[Any]:
        match step:
            case Literal():
                return [step.value]
            case Field():
                return [one for value in values for one in self.field(step.name, value)]
            case Wildcard():
                return [one for value in values for one in _children(value)]
            case Slice():
                return [one for value in values for one in _sliced(step, value)]
            case Recursive():
                return [one for value in values for one in _descendants(value)]
            case Union():
                return [one for path in step.paths for value in values for one in self.path(path, value)]
            case Filter():
                return [one for value in values for one in _children(value, lists_only=True) if self.holds(step, one)]
        raise TemplateError(f"unexpected Node {step}")

    def field(self, name: str, value: Any) -> list[Any]:
        if isinstance(value, dict) and name in value:
            return [value[name]]
        if self.lenient or value is None:
            return []
        raise TemplateError(f"{name} is not found")

    def holds(self, test: Filter, value: Any) -> bool:
        left = _Run(self.root, lenient=True).path(test.left, value)
        if test.operator == "exists":
            return bool(left)
        assert test.right is not None
        right = _Run(self.root, lenient=True).path(test.right, value)
        if not left or not right:
            return False
        if len(left) > 1:
            raise TemplateError("can only compare one element at a time")
        a, b = left[0], right[0]
        if isinstance(a, str) != isinstance(b, str):
            if test.operator in ("==", "!="):
                raise TemplateError("incompatible types for comparison")
            raise TemplateError("incompatible types for comparison")
        return _COMPARE[test.operator](a, b)


def _matching_end(nodes: list[Node], start: int) -> int:
    depth = 0
    for position in range(start, len(nodes)):
        node = nodes[position]
        if isinstance(node, Keyword):
            depth += 1 if node.word == "range" else -1
            if depth == 0:
                return position
    return len(nodes)


def _children(value: Any, *, lists_only: bool = False) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and not lists_only:
        return [value[key] for key in sorted(value)]
    return []


def _descendants(value: Any) -> list[Any]:
    found = []
    if isinstance(value, dict | list):
        found.append(value)
        for child in _children(value):
            found += _descendants(child)
    return found


def _sliced(step: Slice, value: Any) -> list[Any]:
    if not isinstance(value, list):
        if value is None:
            return []
        raise TemplateError(f"{value} is not array or slice")
    if step.single is not None:
        index = step.single + len(value) if step.single < 0 else step.single
        if not 0 <= index < len(value):
            raise TemplateError(f"array index out of bounds: index {step.single}, length {len(value)}")
        return [value[index]]
    return value[step.start : step.stop : step.step]
