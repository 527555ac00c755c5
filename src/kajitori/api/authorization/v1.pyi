# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class FieldSelectorAttributes(msgspec.Struct):
    raw_selector: str | None
    requirements: list[kajitori.api.meta.v1.FieldSelectorRequirement]
    def __init__(
        self,
        *,
        raw_selector: str | None = ...,
        requirements: list[kajitori.api.meta.v1.FieldSelectorRequirement] = ...,
    ) -> None: ...

class LabelSelectorAttributes(msgspec.Struct):
    raw_selector: str | None
    requirements: list[kajitori.api.meta.v1.LabelSelectorRequirement]
    def __init__(
        self,
        *,
        raw_selector: str | None = ...,
        requirements: list[kajitori.api.meta.v1.LabelSelectorRequirement] = ...,
    ) -> None: ...

class LocalSubjectAccessReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: SubjectAccessReviewSpec
    status: SubjectAccessReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: SubjectAccessReviewSpec = ...,
        status: SubjectAccessReviewStatus = ...,
    ) -> None: ...

class NonResourceAttributes(msgspec.Struct):
    path: str | None
    verb: str | None
    def __init__(
        self,
        *,
        path: str | None = ...,
        verb: str | None = ...,
    ) -> None: ...

class NonResourceRule(msgspec.Struct):
    non_resource_urls: list[str]
    verbs: list[str]
    def __init__(
        self,
        *,
        non_resource_urls: list[str] = ...,
        verbs: list[str] = ...,
    ) -> None: ...

class ResourceAttributes(msgspec.Struct):
    field_selector: FieldSelectorAttributes | None
    group: str | None
    label_selector: LabelSelectorAttributes | None
    name: str | None
    namespace: str | None
    resource: str | None
    subresource: str | None
    verb: str | None
    version: str | None
    def __init__(
        self,
        *,
        field_selector: FieldSelectorAttributes | None = ...,
        group: str | None = ...,
        label_selector: LabelSelectorAttributes | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        resource: str | None = ...,
        subresource: str | None = ...,
        verb: str | None = ...,
        version: str | None = ...,
    ) -> None: ...

class ResourceRule(msgspec.Struct):
    api_groups: list[str]
    resource_names: list[str]
    resources: list[str]
    verbs: list[str]
    def __init__(
        self,
        *,
        api_groups: list[str] = ...,
        resource_names: list[str] = ...,
        resources: list[str] = ...,
        verbs: list[str] = ...,
    ) -> None: ...

class SelfSubjectAccessReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: SelfSubjectAccessReviewSpec
    status: SubjectAccessReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: SelfSubjectAccessReviewSpec = ...,
        status: SubjectAccessReviewStatus = ...,
    ) -> None: ...

class SelfSubjectAccessReviewSpec(msgspec.Struct):
    non_resource_attributes: NonResourceAttributes | None
    resource_attributes: ResourceAttributes | None
    def __init__(
        self,
        *,
        non_resource_attributes: NonResourceAttributes | None = ...,
        resource_attributes: ResourceAttributes | None = ...,
    ) -> None: ...

class SelfSubjectRulesReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: SelfSubjectRulesReviewSpec
    status: SubjectRulesReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: SelfSubjectRulesReviewSpec = ...,
        status: SubjectRulesReviewStatus = ...,
    ) -> None: ...

class SelfSubjectRulesReviewSpec(msgspec.Struct):
    namespace: str | None
    def __init__(
        self,
        *,
        namespace: str | None = ...,
    ) -> None: ...

class SubjectAccessReview(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: SubjectAccessReviewSpec
    status: SubjectAccessReviewStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: SubjectAccessReviewSpec = ...,
        status: SubjectAccessReviewStatus = ...,
    ) -> None: ...

class SubjectAccessReviewSpec(msgspec.Struct):
    extra: dict[str, list[str]]
    groups: list[str]
    non_resource_attributes: NonResourceAttributes | None
    resource_attributes: ResourceAttributes | None
    uid: str | None
    user: str | None
    def __init__(
        self,
        *,
        extra: dict[str, list[str]] = ...,
        groups: list[str] = ...,
        non_resource_attributes: NonResourceAttributes | None = ...,
        resource_attributes: ResourceAttributes | None = ...,
        uid: str | None = ...,
        user: str | None = ...,
    ) -> None: ...

class SubjectAccessReviewStatus(msgspec.Struct):
    allowed: bool | None
    denied: bool | None
    evaluation_error: str | None
    reason: str | None
    def __init__(
        self,
        *,
        allowed: bool | None = ...,
        denied: bool | None = ...,
        evaluation_error: str | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class SubjectRulesReviewStatus(msgspec.Struct):
    evaluation_error: str | None
    incomplete: bool | None
    non_resource_rules: list[NonResourceRule]
    resource_rules: list[ResourceRule]
    def __init__(
        self,
        *,
        evaluation_error: str | None = ...,
        incomplete: bool | None = ...,
        non_resource_rules: list[NonResourceRule] = ...,
        resource_rules: list[ResourceRule] = ...,
    ) -> None: ...
