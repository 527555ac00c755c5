"""From a checked tree to closures: each takes a frame (bindings and cost) and gives a value.

This is the walk over the tree; what a node means, once its parts are compiled, is in access, calls, folds and logic.
Costs follow cel-go's tracker: a name or selection 1, a call 1 or what its overload says, literals nothing, lists 10,
maps 30; a comprehension what its expansion would cost. May import: cel.*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kajitori.cel import access, ast, calls, folds, logic
from kajitori.cel.errors import EvaluationError
from kajitori.cel.frame import Code, Frame, Scope
from kajitori.cel.values import NONE, Optional, TypeValue, type_name

LIST_COST, MAP_COST = 10, 30


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
        try:
            value = frame.names[name]
        except KeyError:
            if type_value is not None:
                return type_value
            frame.spend(1)
            raise EvaluationError(f"no such attribute(s): {name}") from None
        frame.spend(1)
        return value

    return run


def _select(node: ast.Select) -> Code:
    if node.type.kind == "type" and node.type.params:
        value = TypeValue(node.type.params[0].kind)
        return lambda frame: value
    return access.select(node, compile_node(node.operand))


def _has(node: ast.Has) -> Code:
    return access.has(node, compile_node(node.operand))


def _call(node: ast.Call) -> Code:
    operands = [*([] if node.target is None else [node.target]), *node.args]
    args = [compile_node(operand) for operand in operands]
    match node.function, args:
        case "_&&_", [left, right]:
            return logic.decided(node.function, left, right, decisive=False)
        case "_||_", [left, right]:
            return logic.decided(node.function, left, right, decisive=True)
        case "!_", [inner]:
            return logic.negated(inner)
        case "_?_:_", [condition, then, other]:
            return logic.conditional(condition, then, other)
        case "_[_]", [operand, position]:
            return access.index(operand, position)
        case "_[?_]", [operand, position]:
            return access.maybe_index(operand, position)
    if len(node.overloads) == 1 and all(calls.is_certain(operand.type) for operand in operands):
        return calls.direct(node.overloads[0], args)
    return calls.dispatched(node.function, node.overloads, args)


def _is_constant(node: ast.Node) -> bool:
    """Whether upstream makes a list or a map once, with the program."""
    if not isinstance(node, ast.ListNode | ast.MapNode):
        return isinstance(node, ast.Literal)
    return not node.optional and all(map(_is_constant, ast.children(node)))


def _list(node: ast.ListNode) -> Code:
    items = [(compile_node(item), index in node.optional) for index, item in enumerate(node.items)]
    cost = 0 if _is_constant(node) else LIST_COST

    def run(frame: Frame) -> list[Any]:
        found = []
        for item, optional in items:
            value = item(frame)
            if not optional:
                found.append(value)
            elif isinstance(value, Optional) and value.present:
                found.append(value.value)
        frame.spend(cost)
        return found

    return run


def _map(node: ast.MapNode) -> Code:
    entries = [
        (compile_node(key), compile_node(value), index in node.optional)
        for index, (key, value) in enumerate(node.entries)
    ]
    cost = 0 if _is_constant(node) else MAP_COST

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
        frame.spend(cost)
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
        with Scope(frame, name, value):
            result = body(frame)
        return Optional(result) if node.optional and not node.flat else result

    return run


def _fold(node: ast.Fold) -> Code:
    return folds.fold(
        node,
        compile_node(node.range),
        None if node.condition is None else compile_node(node.condition),
        None if node.result is None else compile_node(node.result),
    )


_COMPILERS: dict[type[ast.Node], Callable[[Any], Code]] = {
    ast.Literal: _literal,
    ast.Ident: _ident,
    ast.Select: _select,
    ast.Has: _has,
    ast.Call: _call,
    ast.ListNode: _list,
    ast.MapNode: _map,
    ast.Bind: _bind,
    ast.Fold: _fold,
}
