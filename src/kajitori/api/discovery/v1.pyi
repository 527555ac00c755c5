# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class Endpoint(msgspec.Struct):
    addresses: list[str]
    conditions: EndpointConditions | None
    deprecated_topology: dict[str, str]
    hints: EndpointHints | None
    hostname: str | None
    node_name: str | None
    target_ref: kajitori.api.core.v1.ObjectReference | None
    zone: str | None
    def __init__(
        self,
        *,
        addresses: list[str] = ...,
        conditions: EndpointConditions | None = ...,
        deprecated_topology: dict[str, str] = ...,
        hints: EndpointHints | None = ...,
        hostname: str | None = ...,
        node_name: str | None = ...,
        target_ref: kajitori.api.core.v1.ObjectReference | None = ...,
        zone: str | None = ...,
    ) -> None: ...

class EndpointConditions(msgspec.Struct):
    ready: bool | None
    serving: bool | None
    terminating: bool | None
    def __init__(
        self,
        *,
        ready: bool | None = ...,
        serving: bool | None = ...,
        terminating: bool | None = ...,
    ) -> None: ...

class EndpointHints(msgspec.Struct):
    for_nodes: list[ForNode]
    for_zones: list[ForZone]
    def __init__(
        self,
        *,
        for_nodes: list[ForNode] = ...,
        for_zones: list[ForZone] = ...,
    ) -> None: ...

class EndpointPort(msgspec.Struct):
    app_protocol: str | None
    name: str | None
    port: int | None
    protocol: str | None
    def __init__(
        self,
        *,
        app_protocol: str | None = ...,
        name: str | None = ...,
        port: int | None = ...,
        protocol: str | None = ...,
    ) -> None: ...

class EndpointSlice(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    address_type: str | None
    endpoints: list[Endpoint]
    ports: list[EndpointPort]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        address_type: str | None = ...,
        endpoints: list[Endpoint] = ...,
        ports: list[EndpointPort] = ...,
    ) -> None: ...

class EndpointSliceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[EndpointSlice]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[EndpointSlice] = ...,
    ) -> None: ...

class ForNode(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class ForZone(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...
