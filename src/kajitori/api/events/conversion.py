"""events.k8s.io/v1 as a view of the stored core/v1 Events: the same facts under other names. Pure, on wire dicts."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
CORE_TO_EVENTS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
EVENTS_TO_CORE = {new: old for old, new in CORE_TO_EVENTS.items()}


def to_events(obj: Object) -> Object:
    """The events.k8s.io/v1 form of a core Event."""
    return {CORE_TO_EVENTS.get(key, key): value for key, value in obj.items()} | {"apiVersion": "events.k8s.io/v1"}


def to_core(obj: Object) -> Object:
    """The core/v1 form of an events.k8s.io Event."""
    return {EVENTS_TO_CORE.get(key, key): value for key, value in obj.items()} | {"apiVersion": "v1"}
