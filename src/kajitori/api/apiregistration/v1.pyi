# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class APIService(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: APIServiceSpec
    status: APIServiceStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: APIServiceSpec = ...,
        status: APIServiceStatus = ...,
    ) -> None: ...

class APIServiceCondition(msgspec.Struct):
    last_transition_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class APIServiceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[APIService]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[APIService] = ...,
    ) -> None: ...

class APIServiceSpec(msgspec.Struct):
    ca_bundle: str | None
    group: str | None
    group_priority_minimum: int | None
    insecure_skip_tls_verify: bool | None
    service: ServiceReference | None
    version: str | None
    version_priority: int | None
    def __init__(
        self,
        *,
        ca_bundle: str | None = ...,
        group: str | None = ...,
        group_priority_minimum: int | None = ...,
        insecure_skip_tls_verify: bool | None = ...,
        service: ServiceReference | None = ...,
        version: str | None = ...,
        version_priority: int | None = ...,
    ) -> None: ...

class APIServiceStatus(msgspec.Struct):
    conditions: list[APIServiceCondition]
    def __init__(
        self,
        *,
        conditions: list[APIServiceCondition] = ...,
    ) -> None: ...

class ServiceReference(msgspec.Struct):
    name: str | None
    namespace: str | None
    port: int | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        namespace: str | None = ...,
        port: int | None = ...,
    ) -> None: ...
