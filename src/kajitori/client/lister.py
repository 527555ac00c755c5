"""A local copy of objects, by key and by index. Everything is a plain function: atomic within one event loop.

Objects are shared with every reader: never change one, `schema.clone` it first.
May import: client.objects, machinery.labels (types only).
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic

from kajitori.client.objects import Item, ObjectKey

if TYPE_CHECKING:
    from kajitori.machinery.labels import Selector

Indexer = Callable[[Any], Iterable[str]]


def by_owner(obj: Any) -> Iterable[str]:
    """Indexer: the UID of the controlling owner, or `orphans(namespace)` for an object without one."""
    owners = tuple(ref.uid for ref in obj.metadata.owner_references if ref.controller)
    return owners or (orphans(obj.metadata.namespace or ""),)


def orphans(namespace: str) -> str:
    """Where `by_owner` puts what nobody controls: the candidates for adoption."""
    return f"orphans in {namespace}"


def by_node(pod: Any) -> Iterable[str]:
    """Indexer for Pods: the node they are bound to."""
    return (pod.spec.node_name,) if pod.spec.node_name else ()


class Lister(Generic[Item]):
    """Reads answer from memory and may lag behind the server; they never go back in time for one object."""

    def __init__(self, indexers: Mapping[str, Indexer] | None = None) -> None:
        self._objects: dict[ObjectKey, Item] = {}
        self._namespaces: dict[str, dict[ObjectKey, None]] = {}
        self._indexers: dict[str, Indexer] = dict(indexers or {})
        self._indices: dict[str, dict[str, dict[ObjectKey, None]]] = {name: {} for name in self._indexers}

    def __len__(self) -> int:
        return len(self._objects)

    def __contains__(self, key: ObjectKey) -> bool:
        return key in self._objects

    def __iter__(self) -> Iterator[Item]:
        return iter(list(self._objects.values()))

    def get(self, key: ObjectKey) -> Item | None:
        """None if it is not there."""
        return self._objects.get(key)

    def keys(self) -> builtins.list[ObjectKey]:
        return list(self._objects)

    def list(self, selector: Selector | None = None) -> builtins.list[Item]:
        """In no particular order."""
        return _matching(self._objects.values(), selector)

    def in_namespace(self, namespace: str, selector: Selector | None = None) -> builtins.list[Item]:
        """Costs as much as the namespace has objects."""
        keys = self._namespaces.get(namespace, ())
        return _matching((self._objects[key] for key in keys), selector)

    def by_index(self, name: str, value: str) -> builtins.list[Item]:
        """The objects for which the indexer `name` gave this value; KeyError for an unknown indexer."""
        return [self._objects[key] for key in self._indices[name].get(value, ())]

    # for the informer

    def add_indexer(self, name: str, indexer: Indexer) -> None:
        """Objects that are here already are indexed now; a name that is taken keeps its indexer."""
        if name in self._indexers:
            return
        self._indexers[name], self._indices[name] = indexer, {}
        for key, obj in self._objects.items():
            for value in indexer(obj):
                self._indices[name].setdefault(value, {})[key] = None

    def put(self, key: ObjectKey, obj: Item) -> Item | None:
        """Stores an object and gives the one that it replaces."""
        old = self._objects.get(key)
        if old is not None and self._indexers:
            self._unindex(key, old)
        self._objects[key] = obj
        if old is None:
            self._namespaces.setdefault(key.namespace, {})[key] = None
        for name, indexer in self._indexers.items():
            for value in indexer(obj):
                self._indices[name].setdefault(value, {})[key] = None
        return old

    def remove(self, key: ObjectKey) -> Item | None:
        """The object that was there, if any."""
        old = self._objects.pop(key, None)
        if old is not None:
            self._unindex(key, old)
            _discard(self._namespaces, key.namespace, key)
        return old

    def _unindex(self, key: ObjectKey, obj: Item) -> None:
        for name, indexer in self._indexers.items():
            for value in indexer(obj):
                _discard(self._indices[name], value, key)


def _discard(index: dict[str, dict[ObjectKey, None]], value: str, key: ObjectKey) -> None:
    keys = index.get(value)
    if keys is not None:
        keys.pop(key, None)
        if not keys:
            del index[value]


def _matching(objects: Iterable[Item], selector: Selector | None) -> builtins.list[Item]:
    if selector is None:
        return [*objects]
    return [obj for obj in objects if selector.matches(_labels(obj))]


def _labels(obj: Any) -> Mapping[str, str]:
    labels: Mapping[str, str] = obj.metadata.labels
    return labels
