"""From a checked tree to closures: each takes a frame (bindings and cost) and gives a value.

Costs follow cel-go's tracker: a name or selection 1, a call 1 or what its overload says, literals nothing, lists 10,
maps 30; a comprehension what its expansion would cost. May import: cel.*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kajitori.cel import ast
from kajitori.cel.errors import CallCostExceeded, EvaluationError
from kajitori.cel.overloads import Overload, size_of
from kajitori.cel.schema import unescape
from kajitori.cel.types import ObjectType, Type
from kajitori.cel.values import NONE, Optional, TypeValue, Uint, type_name

LIST_COST, MAP_COST = 10, 30


class Frame:
    """One evaluation."""

    __slots__ = ("cost", "limit", "names")

    def __init__(self, names: Mapping[str, Any], limit: int) -> None:
        self.names = dict(names)
        self.cost = 0
        self.limit = limit

    def spend(self, cost: int) -> None:
        """Adds to the cost. Raises CallCostExceeded."""
        self.cost += cost
        if self.cost > self.limit:
            raise CallCostExceeded


Code = Callable[[Frame], Any]


def compile_node(node: ast.Node) -> Code:
    """The closure of a node."""
    return _COMPILERS[type(node)](node)


def _literal(node: ast.Literal) -> Code:
    value = node.value
    return lambda frame: value


def _ident(node: ast.Ident) -> Code:
    name = node.name
    type_value = TypeValue(node.type.params[0].kind) if node.type.kind == "type" and node.type.params else None

    def run(frame: Frame) -> Any:
        frame.spend(1)
        try:
            value = frame.names[name]
        except KeyError:
            if type_value is not None:
                return type_value
            raise EvaluationError(f"no such attribute(s): {name}") from None
        return value() if type(value) is Lazy else value

    return run


class Lazy:
    """A binding that is worked out when first looked at (variables of policies)."""

    __slots__ = ("_make", "_value")

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make: Callable[[], Any] | None = make
        self._value: Any = None

    def __call__(self) -> Any:
        if self._make is not None:
            self._value = self._make()
            self._make = None
        return self._value


def _wire_name(operand: Type, field: str) -> str:
    return unescape(field) if isinstance(operand, ObjectType) else field


def _select(node: ast.Select) -> Code:
    if node.type.kind == "type" and node.type.params:
        value = TypeValue(node.type.params[0].kind)
        return lambda frame: value
    operand, field, optional = compile_node(node.operand), node.field, node.optional
    name = _wire_name(node.operand.type, field)

    def run(frame: Frame) -> Any:
        holder = operand(frame)
        frame.spend(1)
        if type(holder) is Optional:
            return _optional_field(holder, name)
        if isinstance(holder, dict):
            if optional:
                return Optional(holder[name]) if name in holder else NONE
            try:
                return holder[name]
            except KeyError:
                raise EvaluationError(f"no such key: {field}") from None
        if optional and holder is None:
            return NONE
        raise EvaluationError(f"no such overload: {type_name(holder)}.{field}")

    return run


def _optional_field(holder: Optional, name: Any) -> Optional:
    inner = holder.value
    return Optional(inner[name]) if holder.present and isinstance(inner, dict) and name in inner else NONE


def _has(node: ast.Has) -> Code:
    operand, name = compile_node(node.operand), _wire_name(node.operand.type, node.field)

    def run(frame: Frame) -> bool:
        holder = operand(frame)
        frame.spend(1)
        if type(holder) is Optional:
            holder = holder.value if holder.present else {}
        if isinstance(holder, dict):
            return name in holder
        raise EvaluationError(f"no such overload: has({type_name(holder)})")

    return run


def _call(node: ast.Call) -> Code:
    special = _SPECIAL.get(node.function)
    if special is not None:
        return special(node)
    args = [compile_node(arg) for arg in ([node.target] if node.target is not None else []) + node.args]
    kinds = [arg.type for arg in ([node.target] if node.target is not None else []) + node.args]
    if len(node.overloads) == 1 and all(_certain(kind) for kind in kinds):
        return _direct(node.overloads[0], args)
    return _dispatched(node.function, node.overloads, args)


def _certain(kind: Type) -> bool:
    return kind.kind not in ("dyn", "null_type")


def _direct(overload: Overload, args: list[Code]) -> Code:
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


def _dispatched(name: str, overloads: list[Overload], args: list[Code]) -> Code:
    def run(frame: Frame) -> Any:
        values = [arg(frame) for arg in args]
        for overload in overloads:
            if all(fits(kind, value) for kind, value in zip(overload.args, values, strict=True)):
                cost = overload.cost
                frame.spend(1 if cost is None else cost([size_of(value) for value in values]))
                return overload.impl(*values)
        frame.spend(1)
        raise EvaluationError(f"no such overload: {name}({', '.join(map(type_name, values))})")

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


# control flow: errors of one side do not matter when the other decides


def _and(node: ast.Call) -> Code:
    return _decided(node, decisive=False)


def _or(node: ast.Call) -> Code:
    return _decided(node, decisive=True)


def _decided(node: ast.Call, *, decisive: bool) -> Code:
    left, right = (compile_node(arg) for arg in node.args)
    name = node.function

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


def _not(node: ast.Call) -> Code:
    inner = compile_node(node.args[0])

    def run(frame: Frame) -> bool:
        value = inner(frame)
        frame.spend(1)
        if value is True or value is False:
            return not value
        raise EvaluationError("no such overload: !_")

    return run


def _conditional(node: ast.Call) -> Code:
    condition, then, other = (compile_node(arg) for arg in node.args)

    def run(frame: Frame) -> Any:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return other(frame)
        raise EvaluationError("no such overload: _?_:_")

    return run


def _index(node: ast.Call) -> Code:
    operand, index = (compile_node(arg) for arg in node.args)
    from kajitori.cel.stdlib import _index_list, _index_map

    def run(frame: Frame) -> Any:
        holder, key = operand(frame), index(frame)
        frame.spend(1)
        if isinstance(holder, list):
            return _index_list(holder, key)
        if isinstance(holder, dict):
            return _index_map(holder, key)
        if type(holder) is Optional:
            return _optional_index(holder.value, key) if holder.present else NONE
        raise EvaluationError(f"no such overload: _[_]({type_name(holder)}, {type_name(key)})")

    return run


def _optional_index(holder: Any, key: Any) -> Optional:
    if isinstance(holder, list):
        inside = isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(holder)
        return Optional(holder[key]) if inside else NONE
    if isinstance(holder, dict):
        return Optional(holder[key]) if isinstance(key, str | int) and key in holder else NONE
    raise EvaluationError(f"no such overload: _[?_]({type_name(holder)}, {type_name(key)})")


def _maybe_index(node: ast.Call) -> Code:
    operand, index = (compile_node(arg) for arg in node.args)

    def run(frame: Frame) -> Any:
        holder, key = operand(frame), index(frame)
        frame.spend(1)
        if type(holder) is Optional:
            return _optional_index(holder.value, key) if holder.present else NONE
        return _optional_index(holder, key)

    return run


_SPECIAL: dict[str, Callable[[ast.Call], Code]] = {
    "_&&_": _and,
    "_||_": _or,
    "!_": _not,
    "_?_:_": _conditional,
    "_[_]": _index,
    "_[?_]": _maybe_index,
}


def _list(node: ast.ListNode) -> Code:
    items = [(compile_node(item), index in node.optional) for index, item in enumerate(node.items)]

    def run(frame: Frame) -> list[Any]:
        found = []
        for item, optional in items:
            value = item(frame)
            if not optional:
                found.append(value)
            elif isinstance(value, Optional) and value.present:
                found.append(value.value)
        frame.spend(LIST_COST)
        return found

    return run


def _map(node: ast.MapNode) -> Code:
    entries = [
        (compile_node(key), compile_node(value), index in node.optional)
        for index, (key, value) in enumerate(node.entries)
    ]

    def run(frame: Frame) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_code, value_code, optional in entries:
            key, value = key_code(frame), value_code(frame)
            if optional:
                if not isinstance(value, Optional) or not value.present:
                    continue
                value = value.value
            if not isinstance(key, str | int):
                raise EvaluationError(f"unsupported key type: {type_name(key)}")
            found[key] = value
        frame.spend(MAP_COST)
        return found

    return run


def _bind(node: ast.Bind) -> Code:
    value_code, body, name = compile_node(node.value), compile_node(node.body), node.name

    def run(frame: Frame) -> Any:
        value = value_code(frame)
        if node.optional:
            if not isinstance(value, Optional):
                raise EvaluationError("no such overload: optMap")
            if not value.present:
                return NONE
            value = value.value
        with _Scope(frame, name, value):
            result = body(frame)
        return Optional(result) if node.optional and not node.flat else result

    return run


_ABSENT: Any = object()


class _Scope:
    """A name for the length of a with block."""

    __slots__ = ("_before", "_frame", "_name", "_value")

    def __init__(self, frame: Frame, name: str, value: Any) -> None:
        self._frame, self._name, self._value = frame, name, value

    def __enter__(self) -> None:
        self._before = self._frame.names.get(self._name, _ABSENT)
        self._frame.names[self._name] = self._value

    def __exit__(self, *_: object) -> None:
        if self._before is _ABSENT:
            self._frame.names.pop(self._name, None)
        else:
            self._frame.names[self._name] = self._before


def _compilers() -> dict[type[ast.Node], Callable[[Any], Code]]:
    from kajitori.cel.folds import compile_fold

    return {
        ast.Literal: _literal,
        ast.Ident: _ident,
        ast.Select: _select,
        ast.Has: _has,
        ast.Call: _call,
        ast.ListNode: _list,
        ast.MapNode: _map,
        ast.Bind: _bind,
        ast.Fold: compile_fold,
    }


_COMPILERS: dict[type[ast.Node], Callable[[Any], Code]] = _compilers()
