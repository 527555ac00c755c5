# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class CertificateSigningRequest(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: CertificateSigningRequestSpec
    status: CertificateSigningRequestStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: CertificateSigningRequestSpec = ...,
        status: CertificateSigningRequestStatus = ...,
    ) -> None: ...

class CertificateSigningRequestCondition(msgspec.Struct):
    last_transition_time: str | None
    last_update_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_transition_time: str | None = ...,
        last_update_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class CertificateSigningRequestList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CertificateSigningRequest]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CertificateSigningRequest] = ...,
    ) -> None: ...

class CertificateSigningRequestSpec(msgspec.Struct):
    expiration_seconds: int | None
    extra: dict[str, list[str]]
    groups: list[str]
    request: str | None
    signer_name: str | None
    uid: str | None
    usages: list[str]
    username: str | None
    def __init__(
        self,
        *,
        expiration_seconds: int | None = ...,
        extra: dict[str, list[str]] = ...,
        groups: list[str] = ...,
        request: str | None = ...,
        signer_name: str | None = ...,
        uid: str | None = ...,
        usages: list[str] = ...,
        username: str | None = ...,
    ) -> None: ...

class CertificateSigningRequestStatus(msgspec.Struct):
    certificate: str | None
    conditions: list[CertificateSigningRequestCondition]
    def __init__(
        self,
        *,
        certificate: str | None = ...,
        conditions: list[CertificateSigningRequestCondition] = ...,
    ) -> None: ...
