"""The types of expressions. Equal types compare equal; an ObjectType is compared by identity of its name and fields.

May import: nothing of Kajitori.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

UNBOUNDED: Final = -1


class Type:
    """A type: its kind and parameters. `max_size` bounds sizes for cost estimates (UNBOUNDED: unknown)."""

    __slots__ = ("kind", "max_size", "min_serialized", "params")

    def __init__(self, kind: str, params: tuple[Type, ...] = (), max_size: int = UNBOUNDED) -> None:
        self.kind = kind
        self.params = params
        self.max_size = max_size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and self.kind == other.kind and self.params == other.params

    def __hash__(self) -> int:
        return hash((self.kind, self.params))

    def __str__(self) -> str:
        if not self.params:
            return _SHOWN.get(self.kind, self.kind)
        return f"{self.kind}({', '.join(map(str, self.params))})"

    __repr__ = __str__

    def sized(self, max_size: int) -> Type:
        """The same type with a bound on its size."""
        return Type(self.kind, self.params, max_size)


_SHOWN = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "null_type": "null",
    "?A": "A",
}


class ObjectType(Type):
    """An object with named fields, found when first asked for. Unknown fields are an error at compile time."""

    __slots__ = ("_fields", "_load", "name")

    def __init__(self, name: str, fields: Mapping[str, Type] | Callable[[], Mapping[str, Type]]) -> None:
        super().__init__(name)
        self.name = name
        self._fields: Mapping[str, Type] | None = None if callable(fields) else fields
        self._load = fields if callable(fields) else None

    @property
    def fields(self) -> Mapping[str, Type]:
        """By the name that expressions use (escaped where it is not an identifier)."""
        if self._fields is None:
            assert self._load is not None
            self._fields = self._load()
        return self._fields

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, ObjectType) and self.name == other.name)

    def __hash__(self) -> int:
        return hash(self.name)


BOOL: Final = Type("bool")
INT: Final = Type("int")
UINT: Final = Type("uint")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
BYTES: Final = Type("bytes")
NULL: Final = Type("null_type")
DYN: Final = Type("dyn")
ERROR: Final = Type("!error!")
TIMESTAMP: Final = Type("google.protobuf.Timestamp")
DURATION: Final = Type("google.protobuf.Duration")


def list_of(element: Type, max_size: int = UNBOUNDED) -> Type:
    """`list(element)`."""
    return Type("list", (element,), max_size)


def map_of(key: Type, value: Type, max_size: int = UNBOUNDED) -> Type:
    """`map(key, value)`."""
    return Type("map", (key, value), max_size)


def optional_of(value: Type) -> Type:
    """`optional_type(value)`."""
    return Type("optional_type", (value,))


def type_of(value: Type) -> Type:
    """`type(value)`: the type of types."""
    return Type("type", (value,))


def variable(name: str) -> Type:
    """A type parameter of an overload."""
    return Type("?" + name)
