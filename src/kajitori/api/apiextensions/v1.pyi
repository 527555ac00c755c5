# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import Any, ClassVar

import msgspec

import kajitori.api.meta.v1

class CustomResourceColumnDefinition(msgspec.Struct):
    description: str | None
    format: str | None
    json_path: str | None
    name: str | None
    priority: int | None
    type: str | None
    def __init__(
        self,
        *,
        description: str | None = ...,
        format: str | None = ...,  # noqa: A002
        json_path: str | None = ...,
        name: str | None = ...,
        priority: int | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class CustomResourceConversion(msgspec.Struct):
    strategy: str | None
    webhook: WebhookConversion | None
    def __init__(
        self,
        *,
        strategy: str | None = ...,
        webhook: WebhookConversion | None = ...,
    ) -> None: ...

class CustomResourceDefinition(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: CustomResourceDefinitionSpec
    status: CustomResourceDefinitionStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: CustomResourceDefinitionSpec = ...,
        status: CustomResourceDefinitionStatus = ...,
    ) -> None: ...

class CustomResourceDefinitionCondition(msgspec.Struct):
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

class CustomResourceDefinitionList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[CustomResourceDefinition]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[CustomResourceDefinition] = ...,
    ) -> None: ...

class CustomResourceDefinitionNames(msgspec.Struct):
    kind: str | None
    categories: list[str]
    list_kind: str | None
    plural: str | None
    short_names: list[str]
    singular: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        categories: list[str] = ...,
        list_kind: str | None = ...,
        plural: str | None = ...,
        short_names: list[str] = ...,
        singular: str | None = ...,
    ) -> None: ...

class CustomResourceDefinitionSpec(msgspec.Struct):
    conversion: CustomResourceConversion | None
    group: str | None
    names: CustomResourceDefinitionNames | None
    preserve_unknown_fields: bool | None
    scope: str | None
    versions: list[CustomResourceDefinitionVersion]
    def __init__(
        self,
        *,
        conversion: CustomResourceConversion | None = ...,
        group: str | None = ...,
        names: CustomResourceDefinitionNames | None = ...,
        preserve_unknown_fields: bool | None = ...,
        scope: str | None = ...,
        versions: list[CustomResourceDefinitionVersion] = ...,
    ) -> None: ...

class CustomResourceDefinitionStatus(msgspec.Struct):
    accepted_names: CustomResourceDefinitionNames | None
    conditions: list[CustomResourceDefinitionCondition]
    stored_versions: list[str]
    def __init__(
        self,
        *,
        accepted_names: CustomResourceDefinitionNames | None = ...,
        conditions: list[CustomResourceDefinitionCondition] = ...,
        stored_versions: list[str] = ...,
    ) -> None: ...

class CustomResourceDefinitionVersion(msgspec.Struct):
    additional_printer_columns: list[CustomResourceColumnDefinition]
    deprecated: bool | None
    deprecation_warning: str | None
    name: str | None
    schema: CustomResourceValidation | None
    selectable_fields: list[SelectableField]
    served: bool | None
    storage: bool | None
    subresources: CustomResourceSubresources | None
    def __init__(
        self,
        *,
        additional_printer_columns: list[CustomResourceColumnDefinition] = ...,
        deprecated: bool | None = ...,
        deprecation_warning: str | None = ...,
        name: str | None = ...,
        schema: CustomResourceValidation | None = ...,
        selectable_fields: list[SelectableField] = ...,
        served: bool | None = ...,
        storage: bool | None = ...,
        subresources: CustomResourceSubresources | None = ...,
    ) -> None: ...

class CustomResourceSubresourceScale(msgspec.Struct):
    label_selector_path: str | None
    spec_replicas_path: str | None
    status_replicas_path: str | None
    def __init__(
        self,
        *,
        label_selector_path: str | None = ...,
        spec_replicas_path: str | None = ...,
        status_replicas_path: str | None = ...,
    ) -> None: ...

class CustomResourceSubresourceStatus(msgspec.Struct):
    ...

class CustomResourceSubresources(msgspec.Struct):
    scale: CustomResourceSubresourceScale | None
    status: CustomResourceSubresourceStatus
    def __init__(
        self,
        *,
        scale: CustomResourceSubresourceScale | None = ...,
        status: CustomResourceSubresourceStatus = ...,
    ) -> None: ...

class CustomResourceValidation(msgspec.Struct):
    open_apiv_3_schema: JSONSchemaProps | None
    def __init__(
        self,
        *,
        open_apiv_3_schema: JSONSchemaProps | None = ...,
    ) -> None: ...

class ExternalDocumentation(msgspec.Struct):
    description: str | None
    url: str | None
    def __init__(
        self,
        *,
        description: str | None = ...,
        url: str | None = ...,
    ) -> None: ...

JSON = Any

class JSONSchemaProps(msgspec.Struct):
    ref: str | None
    schema: str | None
    additional_items: Any
    additional_properties: Any
    all_of: list[JSONSchemaProps]
    any_of: list[JSONSchemaProps]
    default: Any
    definitions: dict[str, JSONSchemaProps]
    dependencies: dict[str, Any]
    description: str | None
    enum: list[Any]
    example: Any
    exclusive_maximum: bool | None
    exclusive_minimum: bool | None
    external_docs: ExternalDocumentation | None
    format: str | None
    id: str | None
    items: Any
    max_items: int | None
    max_length: int | None
    max_properties: int | None
    maximum: float | None
    min_items: int | None
    min_length: int | None
    min_properties: int | None
    minimum: float | None
    multiple_of: float | None
    not_: JSONSchemaProps | None
    nullable: bool | None
    one_of: list[JSONSchemaProps]
    pattern: str | None
    pattern_properties: dict[str, JSONSchemaProps]
    properties: dict[str, JSONSchemaProps]
    required: list[str]
    title: str | None
    type: str | None
    unique_items: bool | None
    x_kubernetes_embedded_resource: bool | None
    x_kubernetes_int_or_string: bool | None
    x_kubernetes_list_map_keys: list[str]
    x_kubernetes_list_type: str | None
    x_kubernetes_map_type: str | None
    x_kubernetes_preserve_unknown_fields: bool | None
    x_kubernetes_validations: list[ValidationRule]
    def __init__(
        self,
        *,
        ref: str | None = ...,
        schema: str | None = ...,
        additional_items: Any = ...,
        additional_properties: Any = ...,
        all_of: list[JSONSchemaProps] = ...,
        any_of: list[JSONSchemaProps] = ...,
        default: Any = ...,
        definitions: dict[str, JSONSchemaProps] = ...,
        dependencies: dict[str, Any] = ...,
        description: str | None = ...,
        enum: list[Any] = ...,
        example: Any = ...,
        exclusive_maximum: bool | None = ...,
        exclusive_minimum: bool | None = ...,
        external_docs: ExternalDocumentation | None = ...,
        format: str | None = ...,  # noqa: A002
        id: str | None = ...,  # noqa: A002
        items: Any = ...,
        max_items: int | None = ...,
        max_length: int | None = ...,
        max_properties: int | None = ...,
        maximum: float | None = ...,
        min_items: int | None = ...,
        min_length: int | None = ...,
        min_properties: int | None = ...,
        minimum: float | None = ...,
        multiple_of: float | None = ...,
        not_: JSONSchemaProps | None = ...,
        nullable: bool | None = ...,
        one_of: list[JSONSchemaProps] = ...,
        pattern: str | None = ...,
        pattern_properties: dict[str, JSONSchemaProps] = ...,
        properties: dict[str, JSONSchemaProps] = ...,
        required: list[str] = ...,
        title: str | None = ...,
        type: str | None = ...,  # noqa: A002
        unique_items: bool | None = ...,
        x_kubernetes_embedded_resource: bool | None = ...,
        x_kubernetes_int_or_string: bool | None = ...,
        x_kubernetes_list_map_keys: list[str] = ...,
        x_kubernetes_list_type: str | None = ...,
        x_kubernetes_map_type: str | None = ...,
        x_kubernetes_preserve_unknown_fields: bool | None = ...,
        x_kubernetes_validations: list[ValidationRule] = ...,
    ) -> None: ...

JSONSchemaPropsOrArray = Any

JSONSchemaPropsOrBool = Any

JSONSchemaPropsOrStringArray = Any

class SelectableField(msgspec.Struct):
    json_path: str | None
    def __init__(
        self,
        *,
        json_path: str | None = ...,
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

class ValidationRule(msgspec.Struct):
    field_path: str | None
    message: str | None
    message_expression: str | None
    optional_old_self: bool | None
    reason: str | None
    rule: str | None
    def __init__(
        self,
        *,
        field_path: str | None = ...,
        message: str | None = ...,
        message_expression: str | None = ...,
        optional_old_self: bool | None = ...,
        reason: str | None = ...,
        rule: str | None = ...,
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

class WebhookConversion(msgspec.Struct):
    client_config: WebhookClientConfig | None
    conversion_review_versions: list[str]
    def __init__(
        self,
        *,
        client_config: WebhookClientConfig | None = ...,
        conversion_review_versions: list[str] = ...,
    ) -> None: ...
