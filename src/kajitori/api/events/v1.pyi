# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class Event(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    action: str | None
    deprecated_count: int | None
    deprecated_first_timestamp: str | None
    deprecated_last_timestamp: str | None
    deprecated_source: kajitori.api.core.v1.EventSource | None
    event_time: str | None
    note: str | None
    reason: str | None
    regarding: kajitori.api.core.v1.ObjectReference | None
    related: kajitori.api.core.v1.ObjectReference | None
    reporting_controller: str | None
    reporting_instance: str | None
    series: EventSeries | None
    type: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        action: str | None = ...,
        deprecated_count: int | None = ...,
        deprecated_first_timestamp: str | None = ...,
        deprecated_last_timestamp: str | None = ...,
        deprecated_source: kajitori.api.core.v1.EventSource | None = ...,
        event_time: str | None = ...,
        note: str | None = ...,
        reason: str | None = ...,
        regarding: kajitori.api.core.v1.ObjectReference | None = ...,
        related: kajitori.api.core.v1.ObjectReference | None = ...,
        reporting_controller: str | None = ...,
        reporting_instance: str | None = ...,
        series: EventSeries | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class EventList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Event]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Event] = ...,
    ) -> None: ...

class EventSeries(msgspec.Struct):
    count: int | None
    last_observed_time: str | None
    def __init__(
        self,
        *,
        count: int | None = ...,
        last_observed_time: str | None = ...,
    ) -> None: ...
