# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class AuditAnnotation(msgspec.Struct):
    key: str | None
    value_expression: str | None
    def __init__(
        self,
        *,
        key: str | None = ...,
        value_expression: str | None = ...,
    ) -> None: ...

class ExpressionWarning(msgspec.Struct):
    field_ref: str | None
    warning: str | None
    def __init__(
        self,
        *,
        field_ref: str | None = ...,
        warning: str | None = ...,
    ) -> None: ...

class MatchCondition(msgspec.Struct):
    expression: str | None
    name: str | None
    def __init__(
        self,
        *,
        expression: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class MatchResources(msgspec.Struct):
    exclude_resource_rules: list[NamedRuleWithOperations]
    match_policy: str | None
    namespace_selector: kajitori.api.meta.v1.LabelSelector | None
    object_selector: kajitori.api.meta.v1.LabelSelector | None
    resource_rules: list[NamedRuleWithOperations]
    def __init__(
        self,
        *,
        exclude_resource_rules: list[NamedRuleWithOperations] = ...,
        match_policy: str | None = ...,
        namespace_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        object_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        resource_rules: list[NamedRuleWithOperations] = ...,
    ) -> None: ...

class MutatingWebhook(msgspec.Struct):
    admission_review_versions: list[str]
    client_config: WebhookClientConfig | None
    failure_policy: str | None
    match_conditions: list[MatchCondition]
    match_policy: str | None
    name: str | None
    namespace_selector: kajitori.api.meta.v1.LabelSelector | None
    object_selector: kajitori.api.meta.v1.LabelSelector | None
    reinvocation_policy: str | None
    rules: list[RuleWithOperations]
    side_effects: str | None
    timeout_seconds: int | None
    def __init__(
        self,
        *,
        admission_review_versions: list[str] = ...,
        client_config: WebhookClientConfig | None = ...,
        failure_policy: str | None = ...,
        match_conditions: list[MatchCondition] = ...,
        match_policy: str | None = ...,
        name: str | None = ...,
        namespace_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        object_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        reinvocation_policy: str | None = ...,
        rules: list[RuleWithOperations] = ...,
        side_effects: str | None = ...,
        timeout_seconds: int | None = ...,
    ) -> None: ...

class MutatingWebhookConfiguration(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    webhooks: list[MutatingWebhook]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        webhooks: list[MutatingWebhook] = ...,
    ) -> None: ...

class MutatingWebhookConfigurationList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[MutatingWebhookConfiguration]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[MutatingWebhookConfiguration] = ...,
    ) -> None: ...

class NamedRuleWithOperations(msgspec.Struct):
    api_groups: list[str]
    api_versions: list[str]
    operations: list[str]
    resource_names: list[str]
    resources: list[str]
    scope: str | None
    def __init__(
        self,
        *,
        api_groups: list[str] = ...,
        api_versions: list[str] = ...,
        operations: list[str] = ...,
        resource_names: list[str] = ...,
        resources: list[str] = ...,
        scope: str | None = ...,
    ) -> None: ...

class ParamKind(msgspec.Struct):
    api_version: str | None
    kind: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
    ) -> None: ...

class ParamRef(msgspec.Struct):
    name: str | None
    namespace: str | None
    parameter_not_found_action: str | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        namespace: str | None = ...,
        parameter_not_found_action: str | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
    ) -> None: ...

class RuleWithOperations(msgspec.Struct):
    api_groups: list[str]
    api_versions: list[str]
    operations: list[str]
    resources: list[str]
    scope: str | None
    def __init__(
        self,
        *,
        api_groups: list[str] = ...,
        api_versions: list[str] = ...,
        operations: list[str] = ...,
        resources: list[str] = ...,
        scope: str | None = ...,
    ) -> None: ...

class ServiceReference(msgspec.Struct):
    name: str | None
    namespace: str | None
    path: str | None
    port: int | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        namespace: str | None = ...,
        path: str | None = ...,
        port: int | None = ...,
    ) -> None: ...

class TypeChecking(msgspec.Struct):
    expression_warnings: list[ExpressionWarning]
    def __init__(
        self,
        *,
        expression_warnings: list[ExpressionWarning] = ...,
    ) -> None: ...

class ValidatingAdmissionPolicy(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ValidatingAdmissionPolicySpec
    status: ValidatingAdmissionPolicyStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ValidatingAdmissionPolicySpec = ...,
        status: ValidatingAdmissionPolicyStatus = ...,
    ) -> None: ...

class ValidatingAdmissionPolicyBinding(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ValidatingAdmissionPolicyBindingSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ValidatingAdmissionPolicyBindingSpec = ...,
    ) -> None: ...

class ValidatingAdmissionPolicyBindingList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ValidatingAdmissionPolicyBinding]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ValidatingAdmissionPolicyBinding] = ...,
    ) -> None: ...

class ValidatingAdmissionPolicyBindingSpec(msgspec.Struct):
    match_resources: MatchResources | None
    param_ref: ParamRef | None
    policy_name: str | None
    validation_actions: list[str]
    def __init__(
        self,
        *,
        match_resources: MatchResources | None = ...,
        param_ref: ParamRef | None = ...,
        policy_name: str | None = ...,
        validation_actions: list[str] = ...,
    ) -> None: ...

class ValidatingAdmissionPolicyList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ValidatingAdmissionPolicy]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ValidatingAdmissionPolicy] = ...,
    ) -> None: ...

class ValidatingAdmissionPolicySpec(msgspec.Struct):
    audit_annotations: list[AuditAnnotation]
    failure_policy: str | None
    match_conditions: list[MatchCondition]
    match_constraints: MatchResources | None
    param_kind: ParamKind | None
    validations: list[Validation]
    variables: list[Variable]
    def __init__(
        self,
        *,
        audit_annotations: list[AuditAnnotation] = ...,
        failure_policy: str | None = ...,
        match_conditions: list[MatchCondition] = ...,
        match_constraints: MatchResources | None = ...,
        param_kind: ParamKind | None = ...,
        validations: list[Validation] = ...,
        variables: list[Variable] = ...,
    ) -> None: ...

class ValidatingAdmissionPolicyStatus(msgspec.Struct):
    conditions: list[kajitori.api.meta.v1.Condition]
    observed_generation: int | None
    type_checking: TypeChecking | None
    def __init__(
        self,
        *,
        conditions: list[kajitori.api.meta.v1.Condition] = ...,
        observed_generation: int | None = ...,
        type_checking: TypeChecking | None = ...,
    ) -> None: ...

class ValidatingWebhook(msgspec.Struct):
    admission_review_versions: list[str]
    client_config: WebhookClientConfig | None
    failure_policy: str | None
    match_conditions: list[MatchCondition]
    match_policy: str | None
    name: str | None
    namespace_selector: kajitori.api.meta.v1.LabelSelector | None
    object_selector: kajitori.api.meta.v1.LabelSelector | None
    rules: list[RuleWithOperations]
    side_effects: str | None
    timeout_seconds: int | None
    def __init__(
        self,
        *,
        admission_review_versions: list[str] = ...,
        client_config: WebhookClientConfig | None = ...,
        failure_policy: str | None = ...,
        match_conditions: list[MatchCondition] = ...,
        match_policy: str | None = ...,
        name: str | None = ...,
        namespace_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        object_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        rules: list[RuleWithOperations] = ...,
        side_effects: str | None = ...,
        timeout_seconds: int | None = ...,
    ) -> None: ...

class ValidatingWebhookConfiguration(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    webhooks: list[ValidatingWebhook]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        webhooks: list[ValidatingWebhook] = ...,
    ) -> None: ...

class ValidatingWebhookConfigurationList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ValidatingWebhookConfiguration]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ValidatingWebhookConfiguration] = ...,
    ) -> None: ...

class Validation(msgspec.Struct):
    expression: str | None
    message: str | None
    message_expression: str | None
    reason: str | None
    def __init__(
        self,
        *,
        expression: str | None = ...,
        message: str | None = ...,
        message_expression: str | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class Variable(msgspec.Struct):
    expression: str | None
    name: str | None
    def __init__(
        self,
        *,
        expression: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class WebhookClientConfig(msgspec.Struct):
    ca_bundle: str | None
    service: ServiceReference | None
    url: str | None
    def __init__(
        self,
        *,
        ca_bundle: str | None = ...,
        service: ServiceReference | None = ...,
        url: str | None = ...,
    ) -> None: ...
