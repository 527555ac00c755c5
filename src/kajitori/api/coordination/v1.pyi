# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class Lease(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: LeaseSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: LeaseSpec = ...,
    ) -> None: ...

class LeaseList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Lease]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Lease] = ...,
    ) -> None: ...

class LeaseSpec(msgspec.Struct):
    acquire_time: str | None
    holder_identity: str | None
    lease_duration_seconds: int | None
    lease_transitions: int | None
    preferred_holder: str | None
    renew_time: str | None
    strategy: str | None
    def __init__(
        self,
        *,
        acquire_time: str | None = ...,
        holder_identity: str | None = ...,
        lease_duration_seconds: int | None = ...,
        lease_transitions: int | None = ...,
        preferred_holder: str | None = ...,
        renew_time: str | None = ...,
        strategy: str | None = ...,
    ) -> None: ...
