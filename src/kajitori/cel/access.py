"""Fields, keys and positions: what may be absent, and what absence means. Pure. May import: cel.*."""

from __future__ import annotations

from typing import Any

from kajitori.cel import ast, times
from kajitori.cel.errors import EvaluationError
from kajitori.cel.frame import Code, Frame
from kajitori.cel.schema import unescape
from kajitori.cel.types import ObjectType, Type
from kajitori.cel.values import NONE, Optional

_NO_POSITION = "unsupported index type 'string' in list"


def _wire_name(operand: Type, field: str) -> str:
    return unescape(field) if isinstance(operand, ObjectType) else field


def select(node: ast.Select, operand: Code) -> Code:
    """`operand.field`, `operand.?field`"""
    field, optional = node.field, node.optional
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
        if isinstance(holder, list):
            raise EvaluationError(_NO_POSITION)
        if optional:
            return NONE
        raise EvaluationError(f"no such key: {field}")  # so says cel-go of what has no fields at all

    return run


def _optional_field(holder: Optional, name: Any) -> Optional:
    inner = holder.value
    return Optional(inner[name]) if holder.present and isinstance(inner, dict) and name in inner else NONE


def has(node: ast.Has, operand: Code) -> Code:
    """`has(operand.field)`"""
    name = _wire_name(node.operand.type, node.field)

    def run(frame: Frame) -> bool:
        holder = operand(frame)
        if type(holder) is Optional:
            holder = holder.value if holder.present else {}
        if isinstance(holder, list):
            raise EvaluationError(_NO_POSITION)
        return isinstance(holder, dict) and name in holder

    return run


def index(operand: Code, position: Code) -> Code:
    """`operand[position]`"""

    def run(frame: Frame) -> Any:
        holder, key = operand(frame), position(frame)
        frame.spend(1)
        if isinstance(holder, list):
            return index_list(holder, key)
        if isinstance(holder, dict):
            return index_map(holder, key)
        if type(holder) is Optional:
            return _optional_index(holder.value, key) if holder.present else NONE
        raise EvaluationError("no such overload")

    return run


def _optional_index(holder: Any, key: Any) -> Optional:
    if isinstance(holder, list):
        inside = isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(holder)
        return Optional(holder[key]) if inside else NONE
    if isinstance(holder, dict):
        return Optional(holder[key]) if isinstance(key, str | int) and key in holder else NONE
    raise EvaluationError("no such overload")


def maybe_index(operand: Code, position: Code) -> Code:
    """`operand[?position]`"""

    def run(frame: Frame) -> Any:
        holder, key = operand(frame), position(frame)
        frame.spend(1)
        if type(holder) is Optional:
            return _optional_index(holder.value, key) if holder.present else NONE
        return _optional_index(holder, key)

    return run


def index_list(items: list[Any], position: Any) -> Any:
    """An element. Raises EvaluationError."""
    if isinstance(position, float) and position.is_integer():
        position = int(position)
    if not isinstance(position, int) or isinstance(position, bool):
        raise EvaluationError("no such overload")
    if not 0 <= position < len(items):
        raise EvaluationError(f"index out of bounds: {position}")
    return items[position]


def index_map(container: dict[Any, Any], key: Any) -> Any:
    """A value. Raises EvaluationError."""
    try:
        return container[key]
    except (KeyError, TypeError):
        raise EvaluationError(f"no such key: {times.shown(key)}") from None
