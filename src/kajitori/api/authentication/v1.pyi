# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class BoundObjectReference(msgspec.Struct):
    api_version: str | None
    kind: str | None
    name: str | None
    uid: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
        name: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class SelfSubjectReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    status: SelfSubjectReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        status: SelfSubjectReviewStatus = ...,
    ) -> None: ...

class SelfSubjectReviewStatus(msgspec.Struct):
    user_info: UserInfo | None
    def __init__(
        self,
        *,
        user_info: UserInfo | None = ...,
    ) -> None: ...

class TokenRequest(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: TokenRequestSpec
    status: TokenRequestStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: TokenRequestSpec = ...,
        status: TokenRequestStatus = ...,
    ) -> None: ...

class TokenRequestSpec(msgspec.Struct):
    audiences: list[str]
    bound_object_ref: BoundObjectReference | None
    expiration_seconds: int | None
    def __init__(
        self,
        *,
        audiences: list[str] = ...,
        bound_object_ref: BoundObjectReference | None = ...,
        expiration_seconds: int | None = ...,
    ) -> None: ...

class TokenRequestStatus(msgspec.Struct):
    expiration_timestamp: str | None
    token: str | None
    def __init__(
        self,
        *,
        expiration_timestamp: str | None = ...,
        token: str | None = ...,
    ) -> None: ...

class TokenReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: TokenReviewSpec
    status: TokenReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: TokenReviewSpec = ...,
        status: TokenReviewStatus = ...,
    ) -> None: ...

class TokenReviewSpec(msgspec.Struct):
    audiences: list[str]
    token: str | None
    def __init__(
        self,
        *,
        audiences: list[str] = ...,
        token: str | None = ...,
    ) -> None: ...

class TokenReviewStatus(msgspec.Struct):
    audiences: list[str]
    authenticated: bool | None
    error: str | None
    user: UserInfo | None
    def __init__(
        self,
        *,
        audiences: list[str] = ...,
        authenticated: bool | None = ...,
        error: str | None = ...,
        user: UserInfo | None = ...,
    ) -> None: ...

class UserInfo(msgspec.Struct):
    extra: dict[str, list[str]]
    groups: list[str]
    uid: str | None
    username: str | None
    def __init__(
        self,
        *,
        extra: dict[str, list[str]] = ...,
        groups: list[str] = ...,
        uid: str | None = ...,
        username: str | None = ...,
    ) -> None: ...
