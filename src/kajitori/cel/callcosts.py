"""What calls cost at most, and how large their results can be: the estimates of cel-go and of Kubernetes' libraries.

A function that is not here costs 1. May import: cel.{ast, sizes}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from kajitori.cel import ast
from kajitori.cel.sizes import CEILING, ONE, UNKNOWN, Size, times

TRAVERSE, REGEX = 0.1, 0.25
_ADDRESS = Size(4, 16)
_LARGEST_FORMAT_REGEX = 128
_AT_ONCE = frozenset({"kubernetes.Quantity", "net.IP", "net.CIDR", "kubernetes.Semver"})
_FORMAT, _LARGEST_FORMAT = "kubernetes.NamedFormat", 64


class Sizes(Protocol):
    """The part of an estimator that call estimates need."""

    def element_size(self, node: ast.Node) -> Size | None:
        """The size of a list's elements; None if it is no list."""


class Call(NamedTuple):
    """A call: its operands (the receiver first) and their sizes."""

    node: ast.Call
    args: list[ast.Node]
    sizes: list[Size]
    estimator: Sizes


Estimate = tuple[int, Size | None]
CALLS: dict[str, Callable[[Call], Estimate]] = {}


def _for(*names: str) -> Callable[[Callable[[Call], Estimate]], Callable[[Call], Estimate]]:
    def register(function: Callable[[Call], Estimate]) -> Callable[[Call], Estimate]:
        CALLS.update(dict.fromkeys(names, function))
        return function

    return register


def _is_text(node: ast.Node) -> bool:
    return node.type.kind in ("string", "bytes")


def _product(one: int, other: int) -> int:
    return min(one * other, CEILING)


@_for("_+_")
def _add(call: Call) -> Estimate:
    left, right = call.args
    if not (_is_text(left) or left.type.kind == "list") and not (_is_text(right) or right.type.kind == "list"):
        return 1, None
    size = call.sizes[0] + call.sizes[1]
    is_list = "list" in (left.type.kind, right.type.kind)
    return 1 if is_list else times(size.most, TRAVERSE), size


@_for("_==_", "_!=_")
def _equal(call: Call) -> Estimate:
    if call.args[0].type.kind in _AT_ONCE and call.args[0].type == call.args[1].type:
        return 1, None
    if call.args[0].type.kind == call.args[1].type.kind == _FORMAT:
        return times(_LARGEST_FORMAT, TRAVERSE), None
    return times(min(size.most for size in call.sizes), TRAVERSE), None


@_for("_<_", "_<=_", "_>_", "_>=_")
def _order(call: Call) -> Estimate:
    if not any(_is_text(arg) or arg.type.kind == "dyn" for arg in call.args):
        return 1, None
    return max(times(min(size.most for size in call.sizes), TRAVERSE), _other_orders(call)), None


def _other_orders(call: Call) -> int:
    return 0 if any(_is_text(arg) for arg in call.args) else 1


@_for("@in")
def _in(call: Call) -> Estimate:
    return (1 if call.args[1].type.kind == "map" else call.sizes[1].most), None


@_for("contains")
def _contains(call: Call) -> Estimate:
    return _product(*(times(size.most, TRAVERSE) for size in call.sizes)), None


@_for("startsWith", "endsWith")
def _affix(call: Call) -> Estimate:
    return times(call.sizes[1].most, TRAVERSE), None


@_for("matches")
def _matches(call: Call) -> Estimate:
    text, pattern = call.sizes
    return _product(times((text + ONE).most, TRAVERSE), times(pattern.most, REGEX)), None


@_for("find", "findAll")
def _find(call: Call) -> Estimate:
    return _matches(call._replace(sizes=call.sizes[:2]))[0], Size(0, call.sizes[0].most)


@_for("format")
def _format(call: Call) -> Estimate:
    return times(call.sizes[0].most, TRAVERSE), None


@_for("bytes")
def _to_bytes(call: Call) -> Estimate:
    if call.args[0].type.kind != "string":
        return 1, None
    size = call.sizes[0]
    return times(size.most, TRAVERSE), Size(size.least, min(size.most * 4, CEILING))


@_for("string")
def _to_string(call: Call) -> Estimate:
    if call.args[0].type.kind != "bytes":
        return 1, None
    size = call.sizes[0]
    return times(size.most, TRAVERSE), Size(size.least // 4, size.most)


@_for("strings.quote")
def _quote(call: Call) -> Estimate:
    size = call.sizes[0]
    return times(size.most, TRAVERSE), Size(size.least + 2, min(size.most * 2 + 2, CEILING))


@_for("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf")
def _traverse(call: Call) -> Estimate:
    element = call.estimator.element_size(call.args[0])
    if element is None:
        return times(call.sizes[0].most, TRAVERSE), None
    each = 1
    if call.args[0].type.params[0].kind in ("string", "bytes"):
        each += times(element.most, TRAVERSE)
    return _product(call.sizes[0].most, each), None


@_for("url", "lowerAscii", "upperAscii", "substring", "trim")
def _read(call: Call) -> Estimate:
    return times(call.sizes[0].most, TRAVERSE), call.sizes[0]


@_for("isIP", "isCIDR", "cidr", "quantity", "isQuantity", "semver", "isSemver")
def _parse(call: Call) -> Estimate:
    return times(call.sizes[0].most, TRAVERSE), None


@_for("ip")
def _ip(call: Call) -> Estimate:
    return _parse(call) if call.node.target is None else (1, None)


@_for("ip.isCanonical")
def _canonical(call: Call) -> Estimate:
    return times(call.sizes[0].most, 2 * TRAVERSE), None


@_for("replace")
def _replace(call: Call) -> Estimate:
    text, old, new = call.sizes[:3]
    most, kept_most = _replaced(text.most, old.least, new.most <= old.least)
    least, kept_least = _replaced(text.least, old.most, old.most <= new.least)
    size = Size(least, most).by(new) + Size(kept_least, kept_most)
    return times(text.most, 2 * TRAVERSE), size


def _replaced(text: int, old: int, shrinks: bool) -> tuple[int, int]:
    """How often a replacement can happen, and how much of the text stays."""
    if old == 0:
        return min(text + 1, CEILING), text
    if shrinks:
        return 0, text
    return -(-text // old), 0


@_for("split")
def _split(call: Call) -> Estimate:
    most = call.sizes[0].most
    if len(call.args) > 2:
        limit = call.args[2]
        if isinstance(limit, ast.Literal) and isinstance(limit.value, int):
            most = limit.value % (CEILING + 1)
    return times(call.sizes[0].most, 2 * TRAVERSE), Size(0, most)


@_for("join")
def _join(call: Call) -> Estimate:
    items = call.sizes[0]
    size = items.by(call.estimator.element_size(call.args[0]) or UNKNOWN)
    if len(call.sizes) > 1:
        size += call.sizes[1].by(Size(max(items.least - 1, 0), max(items.most - 1, 0)))
    return times(size.most, TRAVERSE), size


@_for("containsIP", "containsCIDR")
def _within(call: Call) -> Estimate:
    total = times((_ADDRESS + _ADDRESS).most, TRAVERSE)
    if call.node.function == "containsCIDR":
        total += times(_ADDRESS.most, TRAVERSE) + 1
    if call.args[1].type.kind == "string":
        total += times(call.sizes[1].most, TRAVERSE)
    return min(total, CEILING), None


@_for("validate")
def _validate(call: Call) -> Estimate:
    return times(times(call.sizes[1].most, TRAVERSE), _LARGEST_FORMAT_REGEX * REGEX), None


@_for("sets.contains", "sets.intersects")
def _set(call: Call) -> Estimate:
    return min(_product(call.sizes[0].most, call.sizes[1].most) + 1, CEILING), None


@_for("sets.equivalent")
def _sets_equal(call: Call) -> Estimate:
    return min(2 * _product(call.sizes[0].most, call.sizes[1].most) + 1, CEILING), None
