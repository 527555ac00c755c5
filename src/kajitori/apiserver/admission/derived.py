"""Values worked out from all objects of a resource, kept until any of them changes. May import: deps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from kajitori.apiserver.deps import Reader

T = TypeVar("T")
Object = dict[str, Any]


class Derived(Generic[T]):
    """`Derived(reader, "", "limitranges", by_namespace)()` costs a comparison while nothing has changed."""

    def __init__(self, reader: Reader, group: str, plural: str, make: Callable[[Iterable[Object]], T]) -> None:
        self._reader, self._group, self._plural, self._make = reader, group, plural, make
        self._revision = -1
        self._value: T

    def __call__(self) -> T:
        revision = self._reader.revision(self._group, self._plural)
        if revision != self._revision:
            self._value = self._make(self._reader.list(self._group, self._plural))
            self._revision = revision
        return self._value
