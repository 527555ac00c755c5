"""Which events are worth a new object, which only a higher count, which nothing: upstream's correlator, pure.

Each table is an LRU of `CACHE_SIZE` entries, so memory stays bounded whatever happens in a cluster.
May import: aiokit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.tokenbucket import TokenBucket

V = TypeVar("V")

CACHE_SIZE = 4096
SPAM_BURST = 25
SPAM_REFILL_PER_S = 1 / 300
SIMILAR_MAX = 10
SIMILAR_WINDOW_S = 600.0


class _Lru(Generic[V]):
    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: Hashable, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > CACHE_SIZE:
            self._entries.popitem(last=False)


@dataclass(slots=True)
class _Similar:
    messages: set[str] = field(default_factory=set)
    last: float = 0.0


@dataclass(slots=True)
class _Written:
    count: int
    first: str
    name: str


class Correlator:
    """Says of each event what to do with it; whoever writes events asks it first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._similar: _Lru[_Similar] = _Lru()
        self._written: _Lru[_Written] = _Lru()
        self._buckets: _Lru[TokenBucket] = _Lru()

    def correlate(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """The event to write: count 1 creates it, more patches the earlier one of its name. None: say nothing."""
        event, key = self._aggregate(event)
        earlier = self._written.get(key)
        if earlier is not None:
            event = {**event, "metadata": {**event["metadata"], "name": earlier.name}}
            event |= {"count": earlier.count + 1, "firstTimestamp": earlier.first}
        self._written.put(key, _Written(event["count"], event["firstTimestamp"], event["metadata"]["name"]))
        return event if self._affordable(event) else None

    def written(self, event: dict[str, Any], answer: dict[str, Any]) -> None:
        """Notes under which name and count the server keeps an event now."""
        for key in (_full_key(event), _similar_key(event)):
            if self._written.get(key) is not None:
                name = answer.get("metadata", {}).get("name") or event["metadata"]["name"]
                self._written.put(key, _Written(answer.get("count") or 1, answer.get("firstTimestamp") or "", name))
                return

    def _aggregate(self, event: dict[str, Any]) -> tuple[dict[str, Any], Hashable]:
        key, now = _similar_key(event), self._clock.monotonic()
        similar = self._similar.get(key)
        if similar is None or now - similar.last > SIMILAR_WINDOW_S:
            similar = _Similar()
        similar.messages.add(event["message"])
        similar.last = now
        self._similar.put(key, similar)
        if len(similar.messages) < SIMILAR_MAX:
            return event, _full_key(event)
        similar.messages.pop()  # stay at the threshold: more texts need not be remembered
        return {**event, "message": f"(combined from similar events): {event['message']}"}, key

    def _affordable(self, event: dict[str, Any]) -> bool:
        key, now = _spam_key(event), self._clock.monotonic()
        bucket = self._buckets.get(key) or TokenBucket(SPAM_REFILL_PER_S, SPAM_BURST, now)
        self._buckets.put(key, bucket)
        return bucket.take(now)


def _object_key(event: dict[str, Any]) -> tuple[Any, ...]:
    obj, source = event["involvedObject"], event["source"]
    about = tuple(obj.get(name) for name in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath"))
    return (source.get("component"), source.get("host"), *about)


def _spam_key(event: dict[str, Any]) -> Hashable:
    return _object_key(event)


def _similar_key(event: dict[str, Any]) -> Hashable:
    return (*_object_key(event), event["type"], event["reason"], event["reportingComponent"])


def _full_key(event: dict[str, Any]) -> Hashable:
    return (*_object_key(event), event["type"], event["reason"], event["message"])
