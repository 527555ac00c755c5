# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.core.v1
import kajitori.api.meta.v1

class Overhead(msgspec.Struct):
    pod_fixed: dict[str, str]
    def __init__(
        self,
        *,
        pod_fixed: dict[str, str] = ...,
    ) -> None: ...

class RuntimeClass(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    handler: str | None
    overhead: Overhead | None
    scheduling: Scheduling | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        handler: str | None = ...,
        overhead: Overhead | None = ...,
        scheduling: Scheduling | None = ...,
    ) -> None: ...

class RuntimeClassList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[RuntimeClass]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[RuntimeClass] = ...,
    ) -> None: ...

class Scheduling(msgspec.Struct):
    node_selector: dict[str, str]
    tolerations: list[kajitori.api.core.v1.Toleration]
    def __init__(
        self,
        *,
        node_selector: dict[str, str] = ...,
        tolerations: list[kajitori.api.core.v1.Toleration] = ...,
    ) -> None: ...
