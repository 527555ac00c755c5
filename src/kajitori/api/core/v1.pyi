# Written by `python -m kajitori.api.stubs --update`. Do not edit.
from typing import ClassVar

import msgspec

import kajitori.api.meta.v1

class AWSElasticBlockStoreVolumeSource(msgspec.Struct):
    fs_type: str | None
    partition: int | None
    read_only: bool | None
    volume_id: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        partition: int | None = ...,
        read_only: bool | None = ...,
        volume_id: str | None = ...,
    ) -> None: ...

class Affinity(msgspec.Struct):
    node_affinity: NodeAffinity | None
    pod_affinity: PodAffinity | None
    pod_anti_affinity: PodAntiAffinity | None
    def __init__(
        self,
        *,
        node_affinity: NodeAffinity | None = ...,
        pod_affinity: PodAffinity | None = ...,
        pod_anti_affinity: PodAntiAffinity | None = ...,
    ) -> None: ...

class AppArmorProfile(msgspec.Struct):
    localhost_profile: str | None
    type: str | None
    def __init__(
        self,
        *,
        localhost_profile: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class AttachedVolume(msgspec.Struct):
    device_path: str | None
    name: str | None
    def __init__(
        self,
        *,
        device_path: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class AzureDiskVolumeSource(msgspec.Struct):
    kind: str | None
    caching_mode: str | None
    disk_name: str | None
    disk_uri: str | None
    fs_type: str | None
    read_only: bool | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        caching_mode: str | None = ...,
        disk_name: str | None = ...,
        disk_uri: str | None = ...,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
    ) -> None: ...

class AzureFilePersistentVolumeSource(msgspec.Struct):
    read_only: bool | None
    secret_name: str | None
    secret_namespace: str | None
    share_name: str | None
    def __init__(
        self,
        *,
        read_only: bool | None = ...,
        secret_name: str | None = ...,
        secret_namespace: str | None = ...,
        share_name: str | None = ...,
    ) -> None: ...

class AzureFileVolumeSource(msgspec.Struct):
    read_only: bool | None
    secret_name: str | None
    share_name: str | None
    def __init__(
        self,
        *,
        read_only: bool | None = ...,
        secret_name: str | None = ...,
        share_name: str | None = ...,
    ) -> None: ...

class Binding(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    target: ObjectReference | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        target: ObjectReference | None = ...,
    ) -> None: ...

class CSIPersistentVolumeSource(msgspec.Struct):
    controller_expand_secret_ref: SecretReference | None
    controller_publish_secret_ref: SecretReference | None
    driver: str | None
    fs_type: str | None
    node_expand_secret_ref: SecretReference | None
    node_publish_secret_ref: SecretReference | None
    node_stage_secret_ref: SecretReference | None
    read_only: bool | None
    volume_attributes: dict[str, str]
    volume_handle: str | None
    def __init__(
        self,
        *,
        controller_expand_secret_ref: SecretReference | None = ...,
        controller_publish_secret_ref: SecretReference | None = ...,
        driver: str | None = ...,
        fs_type: str | None = ...,
        node_expand_secret_ref: SecretReference | None = ...,
        node_publish_secret_ref: SecretReference | None = ...,
        node_stage_secret_ref: SecretReference | None = ...,
        read_only: bool | None = ...,
        volume_attributes: dict[str, str] = ...,
        volume_handle: str | None = ...,
    ) -> None: ...

class CSIVolumeSource(msgspec.Struct):
    driver: str | None
    fs_type: str | None
    node_publish_secret_ref: LocalObjectReference | None
    read_only: bool | None
    volume_attributes: dict[str, str]
    def __init__(
        self,
        *,
        driver: str | None = ...,
        fs_type: str | None = ...,
        node_publish_secret_ref: LocalObjectReference | None = ...,
        read_only: bool | None = ...,
        volume_attributes: dict[str, str] = ...,
    ) -> None: ...

class Capabilities(msgspec.Struct):
    add: list[str]
    drop: list[str]
    def __init__(
        self,
        *,
        add: list[str] = ...,
        drop: list[str] = ...,
    ) -> None: ...

class CephFSPersistentVolumeSource(msgspec.Struct):
    monitors: list[str]
    path: str | None
    read_only: bool | None
    secret_file: str | None
    secret_ref: SecretReference | None
    user: str | None
    def __init__(
        self,
        *,
        monitors: list[str] = ...,
        path: str | None = ...,
        read_only: bool | None = ...,
        secret_file: str | None = ...,
        secret_ref: SecretReference | None = ...,
        user: str | None = ...,
    ) -> None: ...

class CephFSVolumeSource(msgspec.Struct):
    monitors: list[str]
    path: str | None
    read_only: bool | None
    secret_file: str | None
    secret_ref: LocalObjectReference | None
    user: str | None
    def __init__(
        self,
        *,
        monitors: list[str] = ...,
        path: str | None = ...,
        read_only: bool | None = ...,
        secret_file: str | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        user: str | None = ...,
    ) -> None: ...

class CinderPersistentVolumeSource(msgspec.Struct):
    fs_type: str | None
    read_only: bool | None
    secret_ref: SecretReference | None
    volume_id: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: SecretReference | None = ...,
        volume_id: str | None = ...,
    ) -> None: ...

class CinderVolumeSource(msgspec.Struct):
    fs_type: str | None
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    volume_id: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        volume_id: str | None = ...,
    ) -> None: ...

class ClientIPConfig(msgspec.Struct):
    timeout_seconds: int | None
    def __init__(
        self,
        *,
        timeout_seconds: int | None = ...,
    ) -> None: ...

class ClusterTrustBundleProjection(msgspec.Struct):
    label_selector: kajitori.api.meta.v1.LabelSelector | None
    name: str | None
    optional: bool | None
    path: str | None
    signer_name: str | None
    def __init__(
        self,
        *,
        label_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        name: str | None = ...,
        optional: bool | None = ...,
        path: str | None = ...,
        signer_name: str | None = ...,
    ) -> None: ...

class ComponentCondition(msgspec.Struct):
    error: str | None
    message: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        error: str | None = ...,
        message: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class ComponentStatus(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    conditions: list[ComponentCondition]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        conditions: list[ComponentCondition] = ...,
    ) -> None: ...

class ComponentStatusList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ComponentStatus]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ComponentStatus] = ...,
    ) -> None: ...

class ConfigMap(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    binary_data: dict[str, str]
    data: dict[str, str]
    immutable: bool | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        binary_data: dict[str, str] = ...,
        data: dict[str, str] = ...,
        immutable: bool | None = ...,
    ) -> None: ...

class ConfigMapEnvSource(msgspec.Struct):
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class ConfigMapKeySelector(msgspec.Struct):
    key: str | None
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        key: str | None = ...,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class ConfigMapList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ConfigMap]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ConfigMap] = ...,
    ) -> None: ...

class ConfigMapNodeConfigSource(msgspec.Struct):
    kubelet_config_key: str | None
    name: str | None
    namespace: str | None
    resource_version: str | None
    uid: str | None
    def __init__(
        self,
        *,
        kubelet_config_key: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        resource_version: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class ConfigMapProjection(msgspec.Struct):
    items: list[KeyToPath]
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        items: list[KeyToPath] = ...,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class ConfigMapVolumeSource(msgspec.Struct):
    default_mode: int | None
    items: list[KeyToPath]
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        default_mode: int | None = ...,
        items: list[KeyToPath] = ...,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class Container(msgspec.Struct):
    args: list[str]
    command: list[str]
    env: list[EnvVar]
    env_from: list[EnvFromSource]
    image: str | None
    image_pull_policy: str | None
    lifecycle: Lifecycle | None
    liveness_probe: Probe | None
    name: str | None
    ports: list[ContainerPort]
    readiness_probe: Probe | None
    resize_policy: list[ContainerResizePolicy]
    resources: ResourceRequirements | None
    restart_policy: str | None
    restart_policy_rules: list[ContainerRestartRule]
    security_context: SecurityContext | None
    startup_probe: Probe | None
    stdin: bool | None
    stdin_once: bool | None
    termination_message_path: str | None
    termination_message_policy: str | None
    tty: bool | None
    volume_devices: list[VolumeDevice]
    volume_mounts: list[VolumeMount]
    working_dir: str | None
    def __init__(
        self,
        *,
        args: list[str] = ...,
        command: list[str] = ...,
        env: list[EnvVar] = ...,
        env_from: list[EnvFromSource] = ...,
        image: str | None = ...,
        image_pull_policy: str | None = ...,
        lifecycle: Lifecycle | None = ...,
        liveness_probe: Probe | None = ...,
        name: str | None = ...,
        ports: list[ContainerPort] = ...,
        readiness_probe: Probe | None = ...,
        resize_policy: list[ContainerResizePolicy] = ...,
        resources: ResourceRequirements | None = ...,
        restart_policy: str | None = ...,
        restart_policy_rules: list[ContainerRestartRule] = ...,
        security_context: SecurityContext | None = ...,
        startup_probe: Probe | None = ...,
        stdin: bool | None = ...,
        stdin_once: bool | None = ...,
        termination_message_path: str | None = ...,
        termination_message_policy: str | None = ...,
        tty: bool | None = ...,
        volume_devices: list[VolumeDevice] = ...,
        volume_mounts: list[VolumeMount] = ...,
        working_dir: str | None = ...,
    ) -> None: ...

class ContainerExtendedResourceRequest(msgspec.Struct):
    container_name: str | None
    request_name: str | None
    resource_name: str | None
    def __init__(
        self,
        *,
        container_name: str | None = ...,
        request_name: str | None = ...,
        resource_name: str | None = ...,
    ) -> None: ...

class ContainerImage(msgspec.Struct):
    names: list[str]
    size_bytes: int | None
    def __init__(
        self,
        *,
        names: list[str] = ...,
        size_bytes: int | None = ...,
    ) -> None: ...

class ContainerPort(msgspec.Struct):
    container_port: int | None
    host_ip: str | None
    host_port: int | None
    name: str | None
    protocol: str | None
    def __init__(
        self,
        *,
        container_port: int | None = ...,
        host_ip: str | None = ...,
        host_port: int | None = ...,
        name: str | None = ...,
        protocol: str | None = ...,
    ) -> None: ...

class ContainerResizePolicy(msgspec.Struct):
    resource_name: str | None
    restart_policy: str | None
    def __init__(
        self,
        *,
        resource_name: str | None = ...,
        restart_policy: str | None = ...,
    ) -> None: ...

class ContainerRestartRule(msgspec.Struct):
    action: str | None
    exit_codes: ContainerRestartRuleOnExitCodes | None
    def __init__(
        self,
        *,
        action: str | None = ...,
        exit_codes: ContainerRestartRuleOnExitCodes | None = ...,
    ) -> None: ...

class ContainerRestartRuleOnExitCodes(msgspec.Struct):
    operator: str | None
    values: list[int]
    def __init__(
        self,
        *,
        operator: str | None = ...,
        values: list[int] = ...,
    ) -> None: ...

class ContainerState(msgspec.Struct):
    running: ContainerStateRunning | None
    terminated: ContainerStateTerminated | None
    waiting: ContainerStateWaiting | None
    def __init__(
        self,
        *,
        running: ContainerStateRunning | None = ...,
        terminated: ContainerStateTerminated | None = ...,
        waiting: ContainerStateWaiting | None = ...,
    ) -> None: ...

class ContainerStateRunning(msgspec.Struct):
    started_at: str | None
    def __init__(
        self,
        *,
        started_at: str | None = ...,
    ) -> None: ...

class ContainerStateTerminated(msgspec.Struct):
    container_id: str | None
    exit_code: int | None
    finished_at: str | None
    message: str | None
    reason: str | None
    signal: int | None
    started_at: str | None
    def __init__(
        self,
        *,
        container_id: str | None = ...,
        exit_code: int | None = ...,
        finished_at: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        signal: int | None = ...,
        started_at: str | None = ...,
    ) -> None: ...

class ContainerStateWaiting(msgspec.Struct):
    message: str | None
    reason: str | None
    def __init__(
        self,
        *,
        message: str | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class ContainerStatus(msgspec.Struct):
    allocated_resources: dict[str, str]
    allocated_resources_status: list[ResourceStatus]
    container_id: str | None
    image: str | None
    image_id: str | None
    last_state: ContainerState | None
    name: str | None
    ready: bool | None
    resources: ResourceRequirements | None
    restart_count: int | None
    started: bool | None
    state: ContainerState | None
    stop_signal: str | None
    user: ContainerUser | None
    volume_mounts: list[VolumeMountStatus]
    def __init__(
        self,
        *,
        allocated_resources: dict[str, str] = ...,
        allocated_resources_status: list[ResourceStatus] = ...,
        container_id: str | None = ...,
        image: str | None = ...,
        image_id: str | None = ...,
        last_state: ContainerState | None = ...,
        name: str | None = ...,
        ready: bool | None = ...,
        resources: ResourceRequirements | None = ...,
        restart_count: int | None = ...,
        started: bool | None = ...,
        state: ContainerState | None = ...,
        stop_signal: str | None = ...,
        user: ContainerUser | None = ...,
        volume_mounts: list[VolumeMountStatus] = ...,
    ) -> None: ...

class ContainerUser(msgspec.Struct):
    linux: LinuxContainerUser | None
    def __init__(
        self,
        *,
        linux: LinuxContainerUser | None = ...,
    ) -> None: ...

class DaemonEndpoint(msgspec.Struct):
    port: int | None
    def __init__(
        self,
        *,
        port: int | None = ...,
    ) -> None: ...

class DownwardAPIProjection(msgspec.Struct):
    items: list[DownwardAPIVolumeFile]
    def __init__(
        self,
        *,
        items: list[DownwardAPIVolumeFile] = ...,
    ) -> None: ...

class DownwardAPIVolumeFile(msgspec.Struct):
    field_ref: ObjectFieldSelector | None
    mode: int | None
    path: str | None
    resource_field_ref: ResourceFieldSelector | None
    def __init__(
        self,
        *,
        field_ref: ObjectFieldSelector | None = ...,
        mode: int | None = ...,
        path: str | None = ...,
        resource_field_ref: ResourceFieldSelector | None = ...,
    ) -> None: ...

class DownwardAPIVolumeSource(msgspec.Struct):
    default_mode: int | None
    items: list[DownwardAPIVolumeFile]
    def __init__(
        self,
        *,
        default_mode: int | None = ...,
        items: list[DownwardAPIVolumeFile] = ...,
    ) -> None: ...

class EmptyDirVolumeSource(msgspec.Struct):
    medium: str | None
    size_limit: str | None
    def __init__(
        self,
        *,
        medium: str | None = ...,
        size_limit: str | None = ...,
    ) -> None: ...

class EndpointAddress(msgspec.Struct):
    hostname: str | None
    ip: str | None
    node_name: str | None
    target_ref: ObjectReference | None
    def __init__(
        self,
        *,
        hostname: str | None = ...,
        ip: str | None = ...,
        node_name: str | None = ...,
        target_ref: ObjectReference | None = ...,
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

class EndpointSubset(msgspec.Struct):
    addresses: list[EndpointAddress]
    not_ready_addresses: list[EndpointAddress]
    ports: list[EndpointPort]
    def __init__(
        self,
        *,
        addresses: list[EndpointAddress] = ...,
        not_ready_addresses: list[EndpointAddress] = ...,
        ports: list[EndpointPort] = ...,
    ) -> None: ...

class Endpoints(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    subsets: list[EndpointSubset]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        subsets: list[EndpointSubset] = ...,
    ) -> None: ...

class EndpointsList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Endpoints]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Endpoints] = ...,
    ) -> None: ...

class EnvFromSource(msgspec.Struct):
    config_map_ref: ConfigMapEnvSource | None
    prefix: str | None
    secret_ref: SecretEnvSource | None
    def __init__(
        self,
        *,
        config_map_ref: ConfigMapEnvSource | None = ...,
        prefix: str | None = ...,
        secret_ref: SecretEnvSource | None = ...,
    ) -> None: ...

class EnvVar(msgspec.Struct):
    name: str | None
    value: str | None
    value_from: EnvVarSource | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        value: str | None = ...,
        value_from: EnvVarSource | None = ...,
    ) -> None: ...

class EnvVarSource(msgspec.Struct):
    config_map_key_ref: ConfigMapKeySelector | None
    field_ref: ObjectFieldSelector | None
    file_key_ref: FileKeySelector | None
    resource_field_ref: ResourceFieldSelector | None
    secret_key_ref: SecretKeySelector | None
    def __init__(
        self,
        *,
        config_map_key_ref: ConfigMapKeySelector | None = ...,
        field_ref: ObjectFieldSelector | None = ...,
        file_key_ref: FileKeySelector | None = ...,
        resource_field_ref: ResourceFieldSelector | None = ...,
        secret_key_ref: SecretKeySelector | None = ...,
    ) -> None: ...

class EphemeralContainer(msgspec.Struct):
    args: list[str]
    command: list[str]
    env: list[EnvVar]
    env_from: list[EnvFromSource]
    image: str | None
    image_pull_policy: str | None
    lifecycle: Lifecycle | None
    liveness_probe: Probe | None
    name: str | None
    ports: list[ContainerPort]
    readiness_probe: Probe | None
    resize_policy: list[ContainerResizePolicy]
    resources: ResourceRequirements | None
    restart_policy: str | None
    restart_policy_rules: list[ContainerRestartRule]
    security_context: SecurityContext | None
    startup_probe: Probe | None
    stdin: bool | None
    stdin_once: bool | None
    target_container_name: str | None
    termination_message_path: str | None
    termination_message_policy: str | None
    tty: bool | None
    volume_devices: list[VolumeDevice]
    volume_mounts: list[VolumeMount]
    working_dir: str | None
    def __init__(
        self,
        *,
        args: list[str] = ...,
        command: list[str] = ...,
        env: list[EnvVar] = ...,
        env_from: list[EnvFromSource] = ...,
        image: str | None = ...,
        image_pull_policy: str | None = ...,
        lifecycle: Lifecycle | None = ...,
        liveness_probe: Probe | None = ...,
        name: str | None = ...,
        ports: list[ContainerPort] = ...,
        readiness_probe: Probe | None = ...,
        resize_policy: list[ContainerResizePolicy] = ...,
        resources: ResourceRequirements | None = ...,
        restart_policy: str | None = ...,
        restart_policy_rules: list[ContainerRestartRule] = ...,
        security_context: SecurityContext | None = ...,
        startup_probe: Probe | None = ...,
        stdin: bool | None = ...,
        stdin_once: bool | None = ...,
        target_container_name: str | None = ...,
        termination_message_path: str | None = ...,
        termination_message_policy: str | None = ...,
        tty: bool | None = ...,
        volume_devices: list[VolumeDevice] = ...,
        volume_mounts: list[VolumeMount] = ...,
        working_dir: str | None = ...,
    ) -> None: ...

class EphemeralVolumeSource(msgspec.Struct):
    volume_claim_template: PersistentVolumeClaimTemplate | None
    def __init__(
        self,
        *,
        volume_claim_template: PersistentVolumeClaimTemplate | None = ...,
    ) -> None: ...

class Event(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    action: str | None
    count: int | None
    event_time: str | None
    first_timestamp: str | None
    involved_object: ObjectReference | None
    last_timestamp: str | None
    message: str | None
    reason: str | None
    related: ObjectReference | None
    reporting_component: str | None
    reporting_instance: str | None
    series: EventSeries | None
    source: EventSource | None
    type: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        action: str | None = ...,
        count: int | None = ...,
        event_time: str | None = ...,
        first_timestamp: str | None = ...,
        involved_object: ObjectReference | None = ...,
        last_timestamp: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        related: ObjectReference | None = ...,
        reporting_component: str | None = ...,
        reporting_instance: str | None = ...,
        series: EventSeries | None = ...,
        source: EventSource | None = ...,
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

class EventSource(msgspec.Struct):
    component: str | None
    host: str | None
    def __init__(
        self,
        *,
        component: str | None = ...,
        host: str | None = ...,
    ) -> None: ...

class ExecAction(msgspec.Struct):
    command: list[str]
    def __init__(
        self,
        *,
        command: list[str] = ...,
    ) -> None: ...

class FCVolumeSource(msgspec.Struct):
    fs_type: str | None
    lun: int | None
    read_only: bool | None
    target_wwns: list[str]
    wwids: list[str]
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        lun: int | None = ...,
        read_only: bool | None = ...,
        target_wwns: list[str] = ...,
        wwids: list[str] = ...,
    ) -> None: ...

class FileKeySelector(msgspec.Struct):
    key: str | None
    optional: bool | None
    path: str | None
    volume_name: str | None
    def __init__(
        self,
        *,
        key: str | None = ...,
        optional: bool | None = ...,
        path: str | None = ...,
        volume_name: str | None = ...,
    ) -> None: ...

class FlexPersistentVolumeSource(msgspec.Struct):
    driver: str | None
    fs_type: str | None
    options: dict[str, str]
    read_only: bool | None
    secret_ref: SecretReference | None
    def __init__(
        self,
        *,
        driver: str | None = ...,
        fs_type: str | None = ...,
        options: dict[str, str] = ...,
        read_only: bool | None = ...,
        secret_ref: SecretReference | None = ...,
    ) -> None: ...

class FlexVolumeSource(msgspec.Struct):
    driver: str | None
    fs_type: str | None
    options: dict[str, str]
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    def __init__(
        self,
        *,
        driver: str | None = ...,
        fs_type: str | None = ...,
        options: dict[str, str] = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
    ) -> None: ...

class FlockerVolumeSource(msgspec.Struct):
    dataset_name: str | None
    dataset_uuid: str | None
    def __init__(
        self,
        *,
        dataset_name: str | None = ...,
        dataset_uuid: str | None = ...,
    ) -> None: ...

class GCEPersistentDiskVolumeSource(msgspec.Struct):
    fs_type: str | None
    partition: int | None
    pd_name: str | None
    read_only: bool | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        partition: int | None = ...,
        pd_name: str | None = ...,
        read_only: bool | None = ...,
    ) -> None: ...

class GRPCAction(msgspec.Struct):
    port: int | None
    service: str | None
    def __init__(
        self,
        *,
        port: int | None = ...,
        service: str | None = ...,
    ) -> None: ...

class GitRepoVolumeSource(msgspec.Struct):
    directory: str | None
    repository: str | None
    revision: str | None
    def __init__(
        self,
        *,
        directory: str | None = ...,
        repository: str | None = ...,
        revision: str | None = ...,
    ) -> None: ...

class GlusterfsPersistentVolumeSource(msgspec.Struct):
    endpoints: str | None
    endpoints_namespace: str | None
    path: str | None
    read_only: bool | None
    def __init__(
        self,
        *,
        endpoints: str | None = ...,
        endpoints_namespace: str | None = ...,
        path: str | None = ...,
        read_only: bool | None = ...,
    ) -> None: ...

class GlusterfsVolumeSource(msgspec.Struct):
    endpoints: str | None
    path: str | None
    read_only: bool | None
    def __init__(
        self,
        *,
        endpoints: str | None = ...,
        path: str | None = ...,
        read_only: bool | None = ...,
    ) -> None: ...

class HTTPGetAction(msgspec.Struct):
    host: str | None
    http_headers: list[HTTPHeader]
    path: str | None
    port: int | str | None
    scheme: str | None
    def __init__(
        self,
        *,
        host: str | None = ...,
        http_headers: list[HTTPHeader] = ...,
        path: str | None = ...,
        port: int | str | None = ...,
        scheme: str | None = ...,
    ) -> None: ...

class HTTPHeader(msgspec.Struct):
    name: str | None
    value: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class HostAlias(msgspec.Struct):
    hostnames: list[str]
    ip: str | None
    def __init__(
        self,
        *,
        hostnames: list[str] = ...,
        ip: str | None = ...,
    ) -> None: ...

class HostIP(msgspec.Struct):
    ip: str | None
    def __init__(
        self,
        *,
        ip: str | None = ...,
    ) -> None: ...

class HostPathVolumeSource(msgspec.Struct):
    path: str | None
    type: str | None
    def __init__(
        self,
        *,
        path: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class ISCSIPersistentVolumeSource(msgspec.Struct):
    chap_auth_discovery: bool | None
    chap_auth_session: bool | None
    fs_type: str | None
    initiator_name: str | None
    iqn: str | None
    iscsi_interface: str | None
    lun: int | None
    portals: list[str]
    read_only: bool | None
    secret_ref: SecretReference | None
    target_portal: str | None
    def __init__(
        self,
        *,
        chap_auth_discovery: bool | None = ...,
        chap_auth_session: bool | None = ...,
        fs_type: str | None = ...,
        initiator_name: str | None = ...,
        iqn: str | None = ...,
        iscsi_interface: str | None = ...,
        lun: int | None = ...,
        portals: list[str] = ...,
        read_only: bool | None = ...,
        secret_ref: SecretReference | None = ...,
        target_portal: str | None = ...,
    ) -> None: ...

class ISCSIVolumeSource(msgspec.Struct):
    chap_auth_discovery: bool | None
    chap_auth_session: bool | None
    fs_type: str | None
    initiator_name: str | None
    iqn: str | None
    iscsi_interface: str | None
    lun: int | None
    portals: list[str]
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    target_portal: str | None
    def __init__(
        self,
        *,
        chap_auth_discovery: bool | None = ...,
        chap_auth_session: bool | None = ...,
        fs_type: str | None = ...,
        initiator_name: str | None = ...,
        iqn: str | None = ...,
        iscsi_interface: str | None = ...,
        lun: int | None = ...,
        portals: list[str] = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        target_portal: str | None = ...,
    ) -> None: ...

class ImageVolumeSource(msgspec.Struct):
    pull_policy: str | None
    reference: str | None
    def __init__(
        self,
        *,
        pull_policy: str | None = ...,
        reference: str | None = ...,
    ) -> None: ...

class KeyToPath(msgspec.Struct):
    key: str | None
    mode: int | None
    path: str | None
    def __init__(
        self,
        *,
        key: str | None = ...,
        mode: int | None = ...,
        path: str | None = ...,
    ) -> None: ...

class Lifecycle(msgspec.Struct):
    post_start: LifecycleHandler | None
    pre_stop: LifecycleHandler | None
    stop_signal: str | None
    def __init__(
        self,
        *,
        post_start: LifecycleHandler | None = ...,
        pre_stop: LifecycleHandler | None = ...,
        stop_signal: str | None = ...,
    ) -> None: ...

class LifecycleHandler(msgspec.Struct):
    exec: ExecAction | None
    http_get: HTTPGetAction | None
    sleep: SleepAction | None
    tcp_socket: TCPSocketAction | None
    def __init__(
        self,
        *,
        exec: ExecAction | None = ...,  # noqa: A002
        http_get: HTTPGetAction | None = ...,
        sleep: SleepAction | None = ...,
        tcp_socket: TCPSocketAction | None = ...,
    ) -> None: ...

class LimitRange(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: LimitRangeSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: LimitRangeSpec = ...,
    ) -> None: ...

class LimitRangeItem(msgspec.Struct):
    default: dict[str, str]
    default_request: dict[str, str]
    max: dict[str, str]
    max_limit_request_ratio: dict[str, str]
    min: dict[str, str]
    type: str | None
    def __init__(
        self,
        *,
        default: dict[str, str] = ...,
        default_request: dict[str, str] = ...,
        max: dict[str, str] = ...,  # noqa: A002
        max_limit_request_ratio: dict[str, str] = ...,
        min: dict[str, str] = ...,  # noqa: A002
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class LimitRangeList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[LimitRange]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[LimitRange] = ...,
    ) -> None: ...

class LimitRangeSpec(msgspec.Struct):
    limits: list[LimitRangeItem]
    def __init__(
        self,
        *,
        limits: list[LimitRangeItem] = ...,
    ) -> None: ...

class LinuxContainerUser(msgspec.Struct):
    gid: int | None
    supplemental_groups: list[int]
    uid: int | None
    def __init__(
        self,
        *,
        gid: int | None = ...,
        supplemental_groups: list[int] = ...,
        uid: int | None = ...,
    ) -> None: ...

class LoadBalancerIngress(msgspec.Struct):
    hostname: str | None
    ip: str | None
    ip_mode: str | None
    ports: list[PortStatus]
    def __init__(
        self,
        *,
        hostname: str | None = ...,
        ip: str | None = ...,
        ip_mode: str | None = ...,
        ports: list[PortStatus] = ...,
    ) -> None: ...

class LoadBalancerStatus(msgspec.Struct):
    ingress: list[LoadBalancerIngress]
    def __init__(
        self,
        *,
        ingress: list[LoadBalancerIngress] = ...,
    ) -> None: ...

class LocalObjectReference(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class LocalVolumeSource(msgspec.Struct):
    fs_type: str | None
    path: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        path: str | None = ...,
    ) -> None: ...

class ModifyVolumeStatus(msgspec.Struct):
    status: str | None
    target_volume_attributes_class_name: str | None
    def __init__(
        self,
        *,
        status: str | None = ...,
        target_volume_attributes_class_name: str | None = ...,
    ) -> None: ...

class NFSVolumeSource(msgspec.Struct):
    path: str | None
    read_only: bool | None
    server: str | None
    def __init__(
        self,
        *,
        path: str | None = ...,
        read_only: bool | None = ...,
        server: str | None = ...,
    ) -> None: ...

class Namespace(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: NamespaceSpec
    status: NamespaceStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: NamespaceSpec = ...,
        status: NamespaceStatus = ...,
    ) -> None: ...

class NamespaceCondition(msgspec.Struct):
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

class NamespaceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Namespace]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Namespace] = ...,
    ) -> None: ...

class NamespaceSpec(msgspec.Struct):
    finalizers: list[str]
    def __init__(
        self,
        *,
        finalizers: list[str] = ...,
    ) -> None: ...

class NamespaceStatus(msgspec.Struct):
    conditions: list[NamespaceCondition]
    phase: str | None
    def __init__(
        self,
        *,
        conditions: list[NamespaceCondition] = ...,
        phase: str | None = ...,
    ) -> None: ...

class Node(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: NodeSpec
    status: NodeStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: NodeSpec = ...,
        status: NodeStatus = ...,
    ) -> None: ...

class NodeAddress(msgspec.Struct):
    address: str | None
    type: str | None
    def __init__(
        self,
        *,
        address: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class NodeAffinity(msgspec.Struct):
    preferred_during_scheduling_ignored_during_execution: list[PreferredSchedulingTerm]
    required_during_scheduling_ignored_during_execution: NodeSelector | None
    def __init__(
        self,
        *,
        preferred_during_scheduling_ignored_during_execution: list[PreferredSchedulingTerm] = ...,
        required_during_scheduling_ignored_during_execution: NodeSelector | None = ...,
    ) -> None: ...

class NodeCondition(msgspec.Struct):
    last_heartbeat_time: str | None
    last_transition_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_heartbeat_time: str | None = ...,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class NodeConfigSource(msgspec.Struct):
    config_map: ConfigMapNodeConfigSource | None
    def __init__(
        self,
        *,
        config_map: ConfigMapNodeConfigSource | None = ...,
    ) -> None: ...

class NodeConfigStatus(msgspec.Struct):
    active: NodeConfigSource | None
    assigned: NodeConfigSource | None
    error: str | None
    last_known_good: NodeConfigSource | None
    def __init__(
        self,
        *,
        active: NodeConfigSource | None = ...,
        assigned: NodeConfigSource | None = ...,
        error: str | None = ...,
        last_known_good: NodeConfigSource | None = ...,
    ) -> None: ...

class NodeDaemonEndpoints(msgspec.Struct):
    kubelet_endpoint: DaemonEndpoint | None
    def __init__(
        self,
        *,
        kubelet_endpoint: DaemonEndpoint | None = ...,
    ) -> None: ...

class NodeFeatures(msgspec.Struct):
    supplemental_groups_policy: bool | None
    def __init__(
        self,
        *,
        supplemental_groups_policy: bool | None = ...,
    ) -> None: ...

class NodeList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Node]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Node] = ...,
    ) -> None: ...

class NodeRuntimeHandler(msgspec.Struct):
    features: NodeRuntimeHandlerFeatures | None
    name: str | None
    def __init__(
        self,
        *,
        features: NodeRuntimeHandlerFeatures | None = ...,
        name: str | None = ...,
    ) -> None: ...

class NodeRuntimeHandlerFeatures(msgspec.Struct):
    recursive_read_only_mounts: bool | None
    user_namespaces: bool | None
    def __init__(
        self,
        *,
        recursive_read_only_mounts: bool | None = ...,
        user_namespaces: bool | None = ...,
    ) -> None: ...

class NodeSelector(msgspec.Struct):
    node_selector_terms: list[NodeSelectorTerm]
    def __init__(
        self,
        *,
        node_selector_terms: list[NodeSelectorTerm] = ...,
    ) -> None: ...

class NodeSelectorRequirement(msgspec.Struct):
    key: str | None
    operator: str | None
    values: list[str]
    def __init__(
        self,
        *,
        key: str | None = ...,
        operator: str | None = ...,
        values: list[str] = ...,
    ) -> None: ...

class NodeSelectorTerm(msgspec.Struct):
    match_expressions: list[NodeSelectorRequirement]
    match_fields: list[NodeSelectorRequirement]
    def __init__(
        self,
        *,
        match_expressions: list[NodeSelectorRequirement] = ...,
        match_fields: list[NodeSelectorRequirement] = ...,
    ) -> None: ...

class NodeSpec(msgspec.Struct):
    config_source: NodeConfigSource | None
    external_id: str | None
    pod_cidr: str | None
    pod_cidrs: list[str]
    provider_id: str | None
    taints: list[Taint]
    unschedulable: bool | None
    def __init__(
        self,
        *,
        config_source: NodeConfigSource | None = ...,
        external_id: str | None = ...,
        pod_cidr: str | None = ...,
        pod_cidrs: list[str] = ...,
        provider_id: str | None = ...,
        taints: list[Taint] = ...,
        unschedulable: bool | None = ...,
    ) -> None: ...

class NodeStatus(msgspec.Struct):
    addresses: list[NodeAddress]
    allocatable: dict[str, str]
    capacity: dict[str, str]
    conditions: list[NodeCondition]
    config: NodeConfigStatus | None
    daemon_endpoints: NodeDaemonEndpoints | None
    features: NodeFeatures | None
    images: list[ContainerImage]
    node_info: NodeSystemInfo | None
    phase: str | None
    runtime_handlers: list[NodeRuntimeHandler]
    volumes_attached: list[AttachedVolume]
    volumes_in_use: list[str]
    def __init__(
        self,
        *,
        addresses: list[NodeAddress] = ...,
        allocatable: dict[str, str] = ...,
        capacity: dict[str, str] = ...,
        conditions: list[NodeCondition] = ...,
        config: NodeConfigStatus | None = ...,
        daemon_endpoints: NodeDaemonEndpoints | None = ...,
        features: NodeFeatures | None = ...,
        images: list[ContainerImage] = ...,
        node_info: NodeSystemInfo | None = ...,
        phase: str | None = ...,
        runtime_handlers: list[NodeRuntimeHandler] = ...,
        volumes_attached: list[AttachedVolume] = ...,
        volumes_in_use: list[str] = ...,
    ) -> None: ...

class NodeSwapStatus(msgspec.Struct):
    capacity: int | None
    def __init__(
        self,
        *,
        capacity: int | None = ...,
    ) -> None: ...

class NodeSystemInfo(msgspec.Struct):
    architecture: str | None
    boot_id: str | None
    container_runtime_version: str | None
    kernel_version: str | None
    kube_proxy_version: str | None
    kubelet_version: str | None
    machine_id: str | None
    operating_system: str | None
    os_image: str | None
    swap: NodeSwapStatus | None
    system_uuid: str | None
    def __init__(
        self,
        *,
        architecture: str | None = ...,
        boot_id: str | None = ...,
        container_runtime_version: str | None = ...,
        kernel_version: str | None = ...,
        kube_proxy_version: str | None = ...,
        kubelet_version: str | None = ...,
        machine_id: str | None = ...,
        operating_system: str | None = ...,
        os_image: str | None = ...,
        swap: NodeSwapStatus | None = ...,
        system_uuid: str | None = ...,
    ) -> None: ...

class ObjectFieldSelector(msgspec.Struct):
    api_version: str | None
    field_path: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        field_path: str | None = ...,
    ) -> None: ...

class ObjectReference(msgspec.Struct):
    api_version: str | None
    kind: str | None
    field_path: str | None
    name: str | None
    namespace: str | None
    resource_version: str | None
    uid: str | None
    def __init__(
        self,
        *,
        api_version: str | None = ...,
        kind: str | None = ...,
        field_path: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
        resource_version: str | None = ...,
        uid: str | None = ...,
    ) -> None: ...

class PersistentVolume(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PersistentVolumeSpec
    status: PersistentVolumeStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PersistentVolumeSpec = ...,
        status: PersistentVolumeStatus = ...,
    ) -> None: ...

class PersistentVolumeClaim(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PersistentVolumeClaimSpec
    status: PersistentVolumeClaimStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PersistentVolumeClaimSpec = ...,
        status: PersistentVolumeClaimStatus = ...,
    ) -> None: ...

class PersistentVolumeClaimCondition(msgspec.Struct):
    last_probe_time: str | None
    last_transition_time: str | None
    message: str | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_probe_time: str | None = ...,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class PersistentVolumeClaimList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[PersistentVolumeClaim]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[PersistentVolumeClaim] = ...,
    ) -> None: ...

class PersistentVolumeClaimSpec(msgspec.Struct):
    access_modes: list[str]
    data_source: TypedLocalObjectReference | None
    data_source_ref: TypedObjectReference | None
    resources: VolumeResourceRequirements | None
    selector: kajitori.api.meta.v1.LabelSelector | None
    storage_class_name: str | None
    volume_attributes_class_name: str | None
    volume_mode: str | None
    volume_name: str | None
    def __init__(
        self,
        *,
        access_modes: list[str] = ...,
        data_source: TypedLocalObjectReference | None = ...,
        data_source_ref: TypedObjectReference | None = ...,
        resources: VolumeResourceRequirements | None = ...,
        selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        storage_class_name: str | None = ...,
        volume_attributes_class_name: str | None = ...,
        volume_mode: str | None = ...,
        volume_name: str | None = ...,
    ) -> None: ...

class PersistentVolumeClaimStatus(msgspec.Struct):
    access_modes: list[str]
    allocated_resource_statuses: dict[str, str]
    allocated_resources: dict[str, str]
    capacity: dict[str, str]
    conditions: list[PersistentVolumeClaimCondition]
    current_volume_attributes_class_name: str | None
    modify_volume_status: ModifyVolumeStatus | None
    phase: str | None
    def __init__(
        self,
        *,
        access_modes: list[str] = ...,
        allocated_resource_statuses: dict[str, str] = ...,
        allocated_resources: dict[str, str] = ...,
        capacity: dict[str, str] = ...,
        conditions: list[PersistentVolumeClaimCondition] = ...,
        current_volume_attributes_class_name: str | None = ...,
        modify_volume_status: ModifyVolumeStatus | None = ...,
        phase: str | None = ...,
    ) -> None: ...

class PersistentVolumeClaimTemplate(msgspec.Struct):
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PersistentVolumeClaimSpec
    def __init__(
        self,
        *,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PersistentVolumeClaimSpec = ...,
    ) -> None: ...

class PersistentVolumeClaimVolumeSource(msgspec.Struct):
    claim_name: str | None
    read_only: bool | None
    def __init__(
        self,
        *,
        claim_name: str | None = ...,
        read_only: bool | None = ...,
    ) -> None: ...

class PersistentVolumeList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[PersistentVolume]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[PersistentVolume] = ...,
    ) -> None: ...

class PersistentVolumeSpec(msgspec.Struct):
    access_modes: list[str]
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None
    azure_disk: AzureDiskVolumeSource | None
    azure_file: AzureFilePersistentVolumeSource | None
    capacity: dict[str, str]
    cephfs: CephFSPersistentVolumeSource | None
    cinder: CinderPersistentVolumeSource | None
    claim_ref: ObjectReference | None
    csi: CSIPersistentVolumeSource | None
    fc: FCVolumeSource | None
    flex_volume: FlexPersistentVolumeSource | None
    flocker: FlockerVolumeSource | None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None
    glusterfs: GlusterfsPersistentVolumeSource | None
    host_path: HostPathVolumeSource | None
    iscsi: ISCSIPersistentVolumeSource | None
    local: LocalVolumeSource | None
    mount_options: list[str]
    nfs: NFSVolumeSource | None
    node_affinity: VolumeNodeAffinity | None
    persistent_volume_reclaim_policy: str | None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None
    portworx_volume: PortworxVolumeSource | None
    quobyte: QuobyteVolumeSource | None
    rbd: RBDPersistentVolumeSource | None
    scale_io: ScaleIOPersistentVolumeSource | None
    storage_class_name: str | None
    storageos: StorageOSPersistentVolumeSource | None
    volume_attributes_class_name: str | None
    volume_mode: str | None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None
    def __init__(
        self,
        *,
        access_modes: list[str] = ...,
        aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = ...,
        azure_disk: AzureDiskVolumeSource | None = ...,
        azure_file: AzureFilePersistentVolumeSource | None = ...,
        capacity: dict[str, str] = ...,
        cephfs: CephFSPersistentVolumeSource | None = ...,
        cinder: CinderPersistentVolumeSource | None = ...,
        claim_ref: ObjectReference | None = ...,
        csi: CSIPersistentVolumeSource | None = ...,
        fc: FCVolumeSource | None = ...,
        flex_volume: FlexPersistentVolumeSource | None = ...,
        flocker: FlockerVolumeSource | None = ...,
        gce_persistent_disk: GCEPersistentDiskVolumeSource | None = ...,
        glusterfs: GlusterfsPersistentVolumeSource | None = ...,
        host_path: HostPathVolumeSource | None = ...,
        iscsi: ISCSIPersistentVolumeSource | None = ...,
        local: LocalVolumeSource | None = ...,
        mount_options: list[str] = ...,
        nfs: NFSVolumeSource | None = ...,
        node_affinity: VolumeNodeAffinity | None = ...,
        persistent_volume_reclaim_policy: str | None = ...,
        photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = ...,
        portworx_volume: PortworxVolumeSource | None = ...,
        quobyte: QuobyteVolumeSource | None = ...,
        rbd: RBDPersistentVolumeSource | None = ...,
        scale_io: ScaleIOPersistentVolumeSource | None = ...,
        storage_class_name: str | None = ...,
        storageos: StorageOSPersistentVolumeSource | None = ...,
        volume_attributes_class_name: str | None = ...,
        volume_mode: str | None = ...,
        vsphere_volume: VsphereVirtualDiskVolumeSource | None = ...,
    ) -> None: ...

class PersistentVolumeStatus(msgspec.Struct):
    last_phase_transition_time: str | None
    message: str | None
    phase: str | None
    reason: str | None
    def __init__(
        self,
        *,
        last_phase_transition_time: str | None = ...,
        message: str | None = ...,
        phase: str | None = ...,
        reason: str | None = ...,
    ) -> None: ...

class PhotonPersistentDiskVolumeSource(msgspec.Struct):
    fs_type: str | None
    pd_id: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        pd_id: str | None = ...,
    ) -> None: ...

class Pod(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PodSpec
    status: PodStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PodSpec = ...,
        status: PodStatus = ...,
    ) -> None: ...

class PodAffinity(msgspec.Struct):
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm]
    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm]
    def __init__(
        self,
        *,
        preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] = ...,
        required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] = ...,
    ) -> None: ...

class PodAffinityTerm(msgspec.Struct):
    label_selector: kajitori.api.meta.v1.LabelSelector | None
    match_label_keys: list[str]
    mismatch_label_keys: list[str]
    namespace_selector: kajitori.api.meta.v1.LabelSelector | None
    namespaces: list[str]
    topology_key: str | None
    def __init__(
        self,
        *,
        label_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        match_label_keys: list[str] = ...,
        mismatch_label_keys: list[str] = ...,
        namespace_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        namespaces: list[str] = ...,
        topology_key: str | None = ...,
    ) -> None: ...

class PodAntiAffinity(msgspec.Struct):
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm]
    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm]
    def __init__(
        self,
        *,
        preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] = ...,
        required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] = ...,
    ) -> None: ...

class PodCertificateProjection(msgspec.Struct):
    certificate_chain_path: str | None
    credential_bundle_path: str | None
    key_path: str | None
    key_type: str | None
    max_expiration_seconds: int | None
    signer_name: str | None
    def __init__(
        self,
        *,
        certificate_chain_path: str | None = ...,
        credential_bundle_path: str | None = ...,
        key_path: str | None = ...,
        key_type: str | None = ...,
        max_expiration_seconds: int | None = ...,
        signer_name: str | None = ...,
    ) -> None: ...

class PodCondition(msgspec.Struct):
    last_probe_time: str | None
    last_transition_time: str | None
    message: str | None
    observed_generation: int | None
    reason: str | None
    status: str | None
    type: str | None
    def __init__(
        self,
        *,
        last_probe_time: str | None = ...,
        last_transition_time: str | None = ...,
        message: str | None = ...,
        observed_generation: int | None = ...,
        reason: str | None = ...,
        status: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class PodDNSConfig(msgspec.Struct):
    nameservers: list[str]
    options: list[PodDNSConfigOption]
    searches: list[str]
    def __init__(
        self,
        *,
        nameservers: list[str] = ...,
        options: list[PodDNSConfigOption] = ...,
        searches: list[str] = ...,
    ) -> None: ...

class PodDNSConfigOption(msgspec.Struct):
    name: str | None
    value: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class PodExtendedResourceClaimStatus(msgspec.Struct):
    request_mappings: list[ContainerExtendedResourceRequest]
    resource_claim_name: str | None
    def __init__(
        self,
        *,
        request_mappings: list[ContainerExtendedResourceRequest] = ...,
        resource_claim_name: str | None = ...,
    ) -> None: ...

class PodIP(msgspec.Struct):
    ip: str | None
    def __init__(
        self,
        *,
        ip: str | None = ...,
    ) -> None: ...

class PodList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Pod]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Pod] = ...,
    ) -> None: ...

class PodOS(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class PodReadinessGate(msgspec.Struct):
    condition_type: str | None
    def __init__(
        self,
        *,
        condition_type: str | None = ...,
    ) -> None: ...

class PodResourceClaim(msgspec.Struct):
    name: str | None
    resource_claim_name: str | None
    resource_claim_template_name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        resource_claim_name: str | None = ...,
        resource_claim_template_name: str | None = ...,
    ) -> None: ...

class PodResourceClaimStatus(msgspec.Struct):
    name: str | None
    resource_claim_name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        resource_claim_name: str | None = ...,
    ) -> None: ...

class PodSchedulingGate(msgspec.Struct):
    name: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
    ) -> None: ...

class PodSecurityContext(msgspec.Struct):
    app_armor_profile: AppArmorProfile | None
    fs_group: int | None
    fs_group_change_policy: str | None
    run_as_group: int | None
    run_as_non_root: bool | None
    run_as_user: int | None
    se_linux_change_policy: str | None
    se_linux_options: SELinuxOptions | None
    seccomp_profile: SeccompProfile | None
    supplemental_groups: list[int]
    supplemental_groups_policy: str | None
    sysctls: list[Sysctl]
    windows_options: WindowsSecurityContextOptions | None
    def __init__(
        self,
        *,
        app_armor_profile: AppArmorProfile | None = ...,
        fs_group: int | None = ...,
        fs_group_change_policy: str | None = ...,
        run_as_group: int | None = ...,
        run_as_non_root: bool | None = ...,
        run_as_user: int | None = ...,
        se_linux_change_policy: str | None = ...,
        se_linux_options: SELinuxOptions | None = ...,
        seccomp_profile: SeccompProfile | None = ...,
        supplemental_groups: list[int] = ...,
        supplemental_groups_policy: str | None = ...,
        sysctls: list[Sysctl] = ...,
        windows_options: WindowsSecurityContextOptions | None = ...,
    ) -> None: ...

class PodSpec(msgspec.Struct):
    active_deadline_seconds: int | None
    affinity: Affinity | None
    automount_service_account_token: bool | None
    containers: list[Container]
    dns_config: PodDNSConfig | None
    dns_policy: str | None
    enable_service_links: bool | None
    ephemeral_containers: list[EphemeralContainer]
    host_aliases: list[HostAlias]
    host_ipc: bool | None
    host_network: bool | None
    host_pid: bool | None
    host_users: bool | None
    hostname: str | None
    hostname_override: str | None
    image_pull_secrets: list[LocalObjectReference]
    init_containers: list[Container]
    node_name: str | None
    node_selector: dict[str, str]
    os: PodOS | None
    overhead: dict[str, str]
    preemption_policy: str | None
    priority: int | None
    priority_class_name: str | None
    readiness_gates: list[PodReadinessGate]
    resource_claims: list[PodResourceClaim]
    resources: ResourceRequirements | None
    restart_policy: str | None
    runtime_class_name: str | None
    scheduler_name: str | None
    scheduling_gates: list[PodSchedulingGate]
    security_context: PodSecurityContext | None
    service_account: str | None
    service_account_name: str | None
    set_hostname_as_fqdn: bool | None
    share_process_namespace: bool | None
    subdomain: str | None
    termination_grace_period_seconds: int | None
    tolerations: list[Toleration]
    topology_spread_constraints: list[TopologySpreadConstraint]
    volumes: list[Volume]
    def __init__(
        self,
        *,
        active_deadline_seconds: int | None = ...,
        affinity: Affinity | None = ...,
        automount_service_account_token: bool | None = ...,
        containers: list[Container] = ...,
        dns_config: PodDNSConfig | None = ...,
        dns_policy: str | None = ...,
        enable_service_links: bool | None = ...,
        ephemeral_containers: list[EphemeralContainer] = ...,
        host_aliases: list[HostAlias] = ...,
        host_ipc: bool | None = ...,
        host_network: bool | None = ...,
        host_pid: bool | None = ...,
        host_users: bool | None = ...,
        hostname: str | None = ...,
        hostname_override: str | None = ...,
        image_pull_secrets: list[LocalObjectReference] = ...,
        init_containers: list[Container] = ...,
        node_name: str | None = ...,
        node_selector: dict[str, str] = ...,
        os: PodOS | None = ...,
        overhead: dict[str, str] = ...,
        preemption_policy: str | None = ...,
        priority: int | None = ...,
        priority_class_name: str | None = ...,
        readiness_gates: list[PodReadinessGate] = ...,
        resource_claims: list[PodResourceClaim] = ...,
        resources: ResourceRequirements | None = ...,
        restart_policy: str | None = ...,
        runtime_class_name: str | None = ...,
        scheduler_name: str | None = ...,
        scheduling_gates: list[PodSchedulingGate] = ...,
        security_context: PodSecurityContext | None = ...,
        service_account: str | None = ...,
        service_account_name: str | None = ...,
        set_hostname_as_fqdn: bool | None = ...,
        share_process_namespace: bool | None = ...,
        subdomain: str | None = ...,
        termination_grace_period_seconds: int | None = ...,
        tolerations: list[Toleration] = ...,
        topology_spread_constraints: list[TopologySpreadConstraint] = ...,
        volumes: list[Volume] = ...,
    ) -> None: ...

class PodStatus(msgspec.Struct):
    conditions: list[PodCondition]
    container_statuses: list[ContainerStatus]
    ephemeral_container_statuses: list[ContainerStatus]
    extended_resource_claim_status: PodExtendedResourceClaimStatus | None
    host_ip: str | None
    host_ips: list[HostIP]
    init_container_statuses: list[ContainerStatus]
    message: str | None
    nominated_node_name: str | None
    observed_generation: int | None
    phase: str | None
    pod_ip: str | None
    pod_ips: list[PodIP]
    qos_class: str | None
    reason: str | None
    resize: str | None
    resource_claim_statuses: list[PodResourceClaimStatus]
    start_time: str | None
    def __init__(
        self,
        *,
        conditions: list[PodCondition] = ...,
        container_statuses: list[ContainerStatus] = ...,
        ephemeral_container_statuses: list[ContainerStatus] = ...,
        extended_resource_claim_status: PodExtendedResourceClaimStatus | None = ...,
        host_ip: str | None = ...,
        host_ips: list[HostIP] = ...,
        init_container_statuses: list[ContainerStatus] = ...,
        message: str | None = ...,
        nominated_node_name: str | None = ...,
        observed_generation: int | None = ...,
        phase: str | None = ...,
        pod_ip: str | None = ...,
        pod_ips: list[PodIP] = ...,
        qos_class: str | None = ...,
        reason: str | None = ...,
        resize: str | None = ...,
        resource_claim_statuses: list[PodResourceClaimStatus] = ...,
        start_time: str | None = ...,
    ) -> None: ...

class PodTemplate(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    template: PodTemplateSpec
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        template: PodTemplateSpec = ...,
    ) -> None: ...

class PodTemplateList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[PodTemplate]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[PodTemplate] = ...,
    ) -> None: ...

class PodTemplateSpec(msgspec.Struct):
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: PodSpec
    def __init__(
        self,
        *,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: PodSpec = ...,
    ) -> None: ...

class PortStatus(msgspec.Struct):
    error: str | None
    port: int | None
    protocol: str | None
    def __init__(
        self,
        *,
        error: str | None = ...,
        port: int | None = ...,
        protocol: str | None = ...,
    ) -> None: ...

class PortworxVolumeSource(msgspec.Struct):
    fs_type: str | None
    read_only: bool | None
    volume_id: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
        volume_id: str | None = ...,
    ) -> None: ...

class PreferredSchedulingTerm(msgspec.Struct):
    preference: NodeSelectorTerm | None
    weight: int | None
    def __init__(
        self,
        *,
        preference: NodeSelectorTerm | None = ...,
        weight: int | None = ...,
    ) -> None: ...

class Probe(msgspec.Struct):
    exec: ExecAction | None
    failure_threshold: int | None
    grpc: GRPCAction | None
    http_get: HTTPGetAction | None
    initial_delay_seconds: int | None
    period_seconds: int | None
    success_threshold: int | None
    tcp_socket: TCPSocketAction | None
    termination_grace_period_seconds: int | None
    timeout_seconds: int | None
    def __init__(
        self,
        *,
        exec: ExecAction | None = ...,  # noqa: A002
        failure_threshold: int | None = ...,
        grpc: GRPCAction | None = ...,
        http_get: HTTPGetAction | None = ...,
        initial_delay_seconds: int | None = ...,
        period_seconds: int | None = ...,
        success_threshold: int | None = ...,
        tcp_socket: TCPSocketAction | None = ...,
        termination_grace_period_seconds: int | None = ...,
        timeout_seconds: int | None = ...,
    ) -> None: ...

class ProjectedVolumeSource(msgspec.Struct):
    default_mode: int | None
    sources: list[VolumeProjection]
    def __init__(
        self,
        *,
        default_mode: int | None = ...,
        sources: list[VolumeProjection] = ...,
    ) -> None: ...

class QuobyteVolumeSource(msgspec.Struct):
    group: str | None
    read_only: bool | None
    registry: str | None
    tenant: str | None
    user: str | None
    volume: str | None
    def __init__(
        self,
        *,
        group: str | None = ...,
        read_only: bool | None = ...,
        registry: str | None = ...,
        tenant: str | None = ...,
        user: str | None = ...,
        volume: str | None = ...,
    ) -> None: ...

class RBDPersistentVolumeSource(msgspec.Struct):
    fs_type: str | None
    image: str | None
    keyring: str | None
    monitors: list[str]
    pool: str | None
    read_only: bool | None
    secret_ref: SecretReference | None
    user: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        image: str | None = ...,
        keyring: str | None = ...,
        monitors: list[str] = ...,
        pool: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: SecretReference | None = ...,
        user: str | None = ...,
    ) -> None: ...

class RBDVolumeSource(msgspec.Struct):
    fs_type: str | None
    image: str | None
    keyring: str | None
    monitors: list[str]
    pool: str | None
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    user: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        image: str | None = ...,
        keyring: str | None = ...,
        monitors: list[str] = ...,
        pool: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        user: str | None = ...,
    ) -> None: ...

class ReplicationController(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ReplicationControllerSpec
    status: ReplicationControllerStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ReplicationControllerSpec = ...,
        status: ReplicationControllerStatus = ...,
    ) -> None: ...

class ReplicationControllerCondition(msgspec.Struct):
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

class ReplicationControllerList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ReplicationController]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ReplicationController] = ...,
    ) -> None: ...

class ReplicationControllerSpec(msgspec.Struct):
    min_ready_seconds: int | None
    replicas: int | None
    selector: dict[str, str]
    template: PodTemplateSpec
    def __init__(
        self,
        *,
        min_ready_seconds: int | None = ...,
        replicas: int | None = ...,
        selector: dict[str, str] = ...,
        template: PodTemplateSpec = ...,
    ) -> None: ...

class ReplicationControllerStatus(msgspec.Struct):
    available_replicas: int | None
    conditions: list[ReplicationControllerCondition]
    fully_labeled_replicas: int | None
    observed_generation: int | None
    ready_replicas: int | None
    replicas: int | None
    def __init__(
        self,
        *,
        available_replicas: int | None = ...,
        conditions: list[ReplicationControllerCondition] = ...,
        fully_labeled_replicas: int | None = ...,
        observed_generation: int | None = ...,
        ready_replicas: int | None = ...,
        replicas: int | None = ...,
    ) -> None: ...

class ResourceClaim(msgspec.Struct):
    name: str | None
    request: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        request: str | None = ...,
    ) -> None: ...

class ResourceFieldSelector(msgspec.Struct):
    container_name: str | None
    divisor: str | None
    resource: str | None
    def __init__(
        self,
        *,
        container_name: str | None = ...,
        divisor: str | None = ...,
        resource: str | None = ...,
    ) -> None: ...

class ResourceHealth(msgspec.Struct):
    health: str | None
    resource_id: str | None
    def __init__(
        self,
        *,
        health: str | None = ...,
        resource_id: str | None = ...,
    ) -> None: ...

class ResourceQuota(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ResourceQuotaSpec
    status: ResourceQuotaStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ResourceQuotaSpec = ...,
        status: ResourceQuotaStatus = ...,
    ) -> None: ...

class ResourceQuotaList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ResourceQuota]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ResourceQuota] = ...,
    ) -> None: ...

class ResourceQuotaSpec(msgspec.Struct):
    hard: dict[str, str]
    scope_selector: ScopeSelector | None
    scopes: list[str]
    def __init__(
        self,
        *,
        hard: dict[str, str] = ...,
        scope_selector: ScopeSelector | None = ...,
        scopes: list[str] = ...,
    ) -> None: ...

class ResourceQuotaStatus(msgspec.Struct):
    hard: dict[str, str]
    used: dict[str, str]
    def __init__(
        self,
        *,
        hard: dict[str, str] = ...,
        used: dict[str, str] = ...,
    ) -> None: ...

class ResourceRequirements(msgspec.Struct):
    claims: list[ResourceClaim]
    limits: dict[str, str]
    requests: dict[str, str]
    def __init__(
        self,
        *,
        claims: list[ResourceClaim] = ...,
        limits: dict[str, str] = ...,
        requests: dict[str, str] = ...,
    ) -> None: ...

class ResourceStatus(msgspec.Struct):
    name: str | None
    resources: list[ResourceHealth]
    def __init__(
        self,
        *,
        name: str | None = ...,
        resources: list[ResourceHealth] = ...,
    ) -> None: ...

class SELinuxOptions(msgspec.Struct):
    level: str | None
    role: str | None
    type: str | None
    user: str | None
    def __init__(
        self,
        *,
        level: str | None = ...,
        role: str | None = ...,
        type: str | None = ...,  # noqa: A002
        user: str | None = ...,
    ) -> None: ...

class ScaleIOPersistentVolumeSource(msgspec.Struct):
    fs_type: str | None
    gateway: str | None
    protection_domain: str | None
    read_only: bool | None
    secret_ref: SecretReference | None
    ssl_enabled: bool | None
    storage_mode: str | None
    storage_pool: str | None
    system: str | None
    volume_name: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        gateway: str | None = ...,
        protection_domain: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: SecretReference | None = ...,
        ssl_enabled: bool | None = ...,
        storage_mode: str | None = ...,
        storage_pool: str | None = ...,
        system: str | None = ...,
        volume_name: str | None = ...,
    ) -> None: ...

class ScaleIOVolumeSource(msgspec.Struct):
    fs_type: str | None
    gateway: str | None
    protection_domain: str | None
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    ssl_enabled: bool | None
    storage_mode: str | None
    storage_pool: str | None
    system: str | None
    volume_name: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        gateway: str | None = ...,
        protection_domain: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        ssl_enabled: bool | None = ...,
        storage_mode: str | None = ...,
        storage_pool: str | None = ...,
        system: str | None = ...,
        volume_name: str | None = ...,
    ) -> None: ...

class ScopeSelector(msgspec.Struct):
    match_expressions: list[ScopedResourceSelectorRequirement]
    def __init__(
        self,
        *,
        match_expressions: list[ScopedResourceSelectorRequirement] = ...,
    ) -> None: ...

class ScopedResourceSelectorRequirement(msgspec.Struct):
    operator: str | None
    scope_name: str | None
    values: list[str]
    def __init__(
        self,
        *,
        operator: str | None = ...,
        scope_name: str | None = ...,
        values: list[str] = ...,
    ) -> None: ...

class SeccompProfile(msgspec.Struct):
    localhost_profile: str | None
    type: str | None
    def __init__(
        self,
        *,
        localhost_profile: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class Secret(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    data: dict[str, str]
    immutable: bool | None
    string_data: dict[str, str]
    type: str | None
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        data: dict[str, str] = ...,
        immutable: bool | None = ...,
        string_data: dict[str, str] = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class SecretEnvSource(msgspec.Struct):
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class SecretKeySelector(msgspec.Struct):
    key: str | None
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        key: str | None = ...,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class SecretList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Secret]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Secret] = ...,
    ) -> None: ...

class SecretProjection(msgspec.Struct):
    items: list[KeyToPath]
    name: str | None
    optional: bool | None
    def __init__(
        self,
        *,
        items: list[KeyToPath] = ...,
        name: str | None = ...,
        optional: bool | None = ...,
    ) -> None: ...

class SecretReference(msgspec.Struct):
    name: str | None
    namespace: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        namespace: str | None = ...,
    ) -> None: ...

class SecretVolumeSource(msgspec.Struct):
    default_mode: int | None
    items: list[KeyToPath]
    optional: bool | None
    secret_name: str | None
    def __init__(
        self,
        *,
        default_mode: int | None = ...,
        items: list[KeyToPath] = ...,
        optional: bool | None = ...,
        secret_name: str | None = ...,
    ) -> None: ...

class SecurityContext(msgspec.Struct):
    allow_privilege_escalation: bool | None
    app_armor_profile: AppArmorProfile | None
    capabilities: Capabilities | None
    privileged: bool | None
    proc_mount: str | None
    read_only_root_filesystem: bool | None
    run_as_group: int | None
    run_as_non_root: bool | None
    run_as_user: int | None
    se_linux_options: SELinuxOptions | None
    seccomp_profile: SeccompProfile | None
    windows_options: WindowsSecurityContextOptions | None
    def __init__(
        self,
        *,
        allow_privilege_escalation: bool | None = ...,
        app_armor_profile: AppArmorProfile | None = ...,
        capabilities: Capabilities | None = ...,
        privileged: bool | None = ...,
        proc_mount: str | None = ...,
        read_only_root_filesystem: bool | None = ...,
        run_as_group: int | None = ...,
        run_as_non_root: bool | None = ...,
        run_as_user: int | None = ...,
        se_linux_options: SELinuxOptions | None = ...,
        seccomp_profile: SeccompProfile | None = ...,
        windows_options: WindowsSecurityContextOptions | None = ...,
    ) -> None: ...

class Service(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    spec: ServiceSpec
    status: ServiceStatus
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        spec: ServiceSpec = ...,
        status: ServiceStatus = ...,
    ) -> None: ...

class ServiceAccount(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ObjectMeta
    automount_service_account_token: bool | None
    image_pull_secrets: list[LocalObjectReference]
    secrets: list[ObjectReference]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ObjectMeta = ...,
        automount_service_account_token: bool | None = ...,
        image_pull_secrets: list[LocalObjectReference] = ...,
        secrets: list[ObjectReference] = ...,
    ) -> None: ...

class ServiceAccountList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[ServiceAccount]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[ServiceAccount] = ...,
    ) -> None: ...

class ServiceAccountTokenProjection(msgspec.Struct):
    audience: str | None
    expiration_seconds: int | None
    path: str | None
    def __init__(
        self,
        *,
        audience: str | None = ...,
        expiration_seconds: int | None = ...,
        path: str | None = ...,
    ) -> None: ...

class ServiceList(msgspec.Struct):
    API_VERSION: ClassVar[str]
    KIND: ClassVar[str]
    api_version: str
    kind: str
    metadata: kajitori.api.meta.v1.ListMeta
    items: list[Service]
    def __init__(
        self,
        *,
        api_version: str = ...,
        kind: str = ...,
        metadata: kajitori.api.meta.v1.ListMeta = ...,
        items: list[Service] = ...,
    ) -> None: ...

class ServicePort(msgspec.Struct):
    app_protocol: str | None
    name: str | None
    node_port: int | None
    port: int | None
    protocol: str | None
    target_port: int | str | None
    def __init__(
        self,
        *,
        app_protocol: str | None = ...,
        name: str | None = ...,
        node_port: int | None = ...,
        port: int | None = ...,
        protocol: str | None = ...,
        target_port: int | str | None = ...,
    ) -> None: ...

class ServiceSpec(msgspec.Struct):
    allocate_load_balancer_node_ports: bool | None
    cluster_ip: str | None
    cluster_ips: list[str]
    external_ips: list[str]
    external_name: str | None
    external_traffic_policy: str | None
    health_check_node_port: int | None
    internal_traffic_policy: str | None
    ip_families: list[str]
    ip_family_policy: str | None
    load_balancer_class: str | None
    load_balancer_ip: str | None
    load_balancer_source_ranges: list[str]
    ports: list[ServicePort]
    publish_not_ready_addresses: bool | None
    selector: dict[str, str]
    session_affinity: str | None
    session_affinity_config: SessionAffinityConfig | None
    traffic_distribution: str | None
    type: str | None
    def __init__(
        self,
        *,
        allocate_load_balancer_node_ports: bool | None = ...,
        cluster_ip: str | None = ...,
        cluster_ips: list[str] = ...,
        external_ips: list[str] = ...,
        external_name: str | None = ...,
        external_traffic_policy: str | None = ...,
        health_check_node_port: int | None = ...,
        internal_traffic_policy: str | None = ...,
        ip_families: list[str] = ...,
        ip_family_policy: str | None = ...,
        load_balancer_class: str | None = ...,
        load_balancer_ip: str | None = ...,
        load_balancer_source_ranges: list[str] = ...,
        ports: list[ServicePort] = ...,
        publish_not_ready_addresses: bool | None = ...,
        selector: dict[str, str] = ...,
        session_affinity: str | None = ...,
        session_affinity_config: SessionAffinityConfig | None = ...,
        traffic_distribution: str | None = ...,
        type: str | None = ...,  # noqa: A002
    ) -> None: ...

class ServiceStatus(msgspec.Struct):
    conditions: list[kajitori.api.meta.v1.Condition]
    load_balancer: LoadBalancerStatus | None
    def __init__(
        self,
        *,
        conditions: list[kajitori.api.meta.v1.Condition] = ...,
        load_balancer: LoadBalancerStatus | None = ...,
    ) -> None: ...

class SessionAffinityConfig(msgspec.Struct):
    client_ip: ClientIPConfig | None
    def __init__(
        self,
        *,
        client_ip: ClientIPConfig | None = ...,
    ) -> None: ...

class SleepAction(msgspec.Struct):
    seconds: int | None
    def __init__(
        self,
        *,
        seconds: int | None = ...,
    ) -> None: ...

class StorageOSPersistentVolumeSource(msgspec.Struct):
    fs_type: str | None
    read_only: bool | None
    secret_ref: ObjectReference | None
    volume_name: str | None
    volume_namespace: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: ObjectReference | None = ...,
        volume_name: str | None = ...,
        volume_namespace: str | None = ...,
    ) -> None: ...

class StorageOSVolumeSource(msgspec.Struct):
    fs_type: str | None
    read_only: bool | None
    secret_ref: LocalObjectReference | None
    volume_name: str | None
    volume_namespace: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        read_only: bool | None = ...,
        secret_ref: LocalObjectReference | None = ...,
        volume_name: str | None = ...,
        volume_namespace: str | None = ...,
    ) -> None: ...

class Sysctl(msgspec.Struct):
    name: str | None
    value: str | None
    def __init__(
        self,
        *,
        name: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class TCPSocketAction(msgspec.Struct):
    host: str | None
    port: int | str | None
    def __init__(
        self,
        *,
        host: str | None = ...,
        port: int | str | None = ...,
    ) -> None: ...

class Taint(msgspec.Struct):
    effect: str | None
    key: str | None
    time_added: str | None
    value: str | None
    def __init__(
        self,
        *,
        effect: str | None = ...,
        key: str | None = ...,
        time_added: str | None = ...,
        value: str | None = ...,
    ) -> None: ...

class Toleration(msgspec.Struct):
    effect: str | None
    key: str | None
    operator: str | None
    toleration_seconds: int | None
    value: str | None
    def __init__(
        self,
        *,
        effect: str | None = ...,
        key: str | None = ...,
        operator: str | None = ...,
        toleration_seconds: int | None = ...,
        value: str | None = ...,
    ) -> None: ...

class TopologySelectorLabelRequirement(msgspec.Struct):
    key: str | None
    values: list[str]
    def __init__(
        self,
        *,
        key: str | None = ...,
        values: list[str] = ...,
    ) -> None: ...

class TopologySelectorTerm(msgspec.Struct):
    match_label_expressions: list[TopologySelectorLabelRequirement]
    def __init__(
        self,
        *,
        match_label_expressions: list[TopologySelectorLabelRequirement] = ...,
    ) -> None: ...

class TopologySpreadConstraint(msgspec.Struct):
    label_selector: kajitori.api.meta.v1.LabelSelector | None
    match_label_keys: list[str]
    max_skew: int | None
    min_domains: int | None
    node_affinity_policy: str | None
    node_taints_policy: str | None
    topology_key: str | None
    when_unsatisfiable: str | None
    def __init__(
        self,
        *,
        label_selector: kajitori.api.meta.v1.LabelSelector | None = ...,
        match_label_keys: list[str] = ...,
        max_skew: int | None = ...,
        min_domains: int | None = ...,
        node_affinity_policy: str | None = ...,
        node_taints_policy: str | None = ...,
        topology_key: str | None = ...,
        when_unsatisfiable: str | None = ...,
    ) -> None: ...

class TypedLocalObjectReference(msgspec.Struct):
    kind: str | None
    api_group: str | None
    name: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        api_group: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class TypedObjectReference(msgspec.Struct):
    kind: str | None
    api_group: str | None
    name: str | None
    namespace: str | None
    def __init__(
        self,
        *,
        kind: str | None = ...,
        api_group: str | None = ...,
        name: str | None = ...,
        namespace: str | None = ...,
    ) -> None: ...

class Volume(msgspec.Struct):
    aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None
    azure_disk: AzureDiskVolumeSource | None
    azure_file: AzureFileVolumeSource | None
    cephfs: CephFSVolumeSource | None
    cinder: CinderVolumeSource | None
    config_map: ConfigMapVolumeSource | None
    csi: CSIVolumeSource | None
    downward_api: DownwardAPIVolumeSource | None
    empty_dir: EmptyDirVolumeSource | None
    ephemeral: EphemeralVolumeSource | None
    fc: FCVolumeSource | None
    flex_volume: FlexVolumeSource | None
    flocker: FlockerVolumeSource | None
    gce_persistent_disk: GCEPersistentDiskVolumeSource | None
    git_repo: GitRepoVolumeSource | None
    glusterfs: GlusterfsVolumeSource | None
    host_path: HostPathVolumeSource | None
    image: ImageVolumeSource | None
    iscsi: ISCSIVolumeSource | None
    name: str | None
    nfs: NFSVolumeSource | None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None
    photon_persistent_disk: PhotonPersistentDiskVolumeSource | None
    portworx_volume: PortworxVolumeSource | None
    projected: ProjectedVolumeSource | None
    quobyte: QuobyteVolumeSource | None
    rbd: RBDVolumeSource | None
    scale_io: ScaleIOVolumeSource | None
    secret: SecretVolumeSource | None
    storageos: StorageOSVolumeSource | None
    vsphere_volume: VsphereVirtualDiskVolumeSource | None
    def __init__(
        self,
        *,
        aws_elastic_block_store: AWSElasticBlockStoreVolumeSource | None = ...,
        azure_disk: AzureDiskVolumeSource | None = ...,
        azure_file: AzureFileVolumeSource | None = ...,
        cephfs: CephFSVolumeSource | None = ...,
        cinder: CinderVolumeSource | None = ...,
        config_map: ConfigMapVolumeSource | None = ...,
        csi: CSIVolumeSource | None = ...,
        downward_api: DownwardAPIVolumeSource | None = ...,
        empty_dir: EmptyDirVolumeSource | None = ...,
        ephemeral: EphemeralVolumeSource | None = ...,
        fc: FCVolumeSource | None = ...,
        flex_volume: FlexVolumeSource | None = ...,
        flocker: FlockerVolumeSource | None = ...,
        gce_persistent_disk: GCEPersistentDiskVolumeSource | None = ...,
        git_repo: GitRepoVolumeSource | None = ...,
        glusterfs: GlusterfsVolumeSource | None = ...,
        host_path: HostPathVolumeSource | None = ...,
        image: ImageVolumeSource | None = ...,
        iscsi: ISCSIVolumeSource | None = ...,
        name: str | None = ...,
        nfs: NFSVolumeSource | None = ...,
        persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = ...,
        photon_persistent_disk: PhotonPersistentDiskVolumeSource | None = ...,
        portworx_volume: PortworxVolumeSource | None = ...,
        projected: ProjectedVolumeSource | None = ...,
        quobyte: QuobyteVolumeSource | None = ...,
        rbd: RBDVolumeSource | None = ...,
        scale_io: ScaleIOVolumeSource | None = ...,
        secret: SecretVolumeSource | None = ...,
        storageos: StorageOSVolumeSource | None = ...,
        vsphere_volume: VsphereVirtualDiskVolumeSource | None = ...,
    ) -> None: ...

class VolumeDevice(msgspec.Struct):
    device_path: str | None
    name: str | None
    def __init__(
        self,
        *,
        device_path: str | None = ...,
        name: str | None = ...,
    ) -> None: ...

class VolumeMount(msgspec.Struct):
    mount_path: str | None
    mount_propagation: str | None
    name: str | None
    read_only: bool | None
    recursive_read_only: str | None
    sub_path: str | None
    sub_path_expr: str | None
    def __init__(
        self,
        *,
        mount_path: str | None = ...,
        mount_propagation: str | None = ...,
        name: str | None = ...,
        read_only: bool | None = ...,
        recursive_read_only: str | None = ...,
        sub_path: str | None = ...,
        sub_path_expr: str | None = ...,
    ) -> None: ...

class VolumeMountStatus(msgspec.Struct):
    mount_path: str | None
    name: str | None
    read_only: bool | None
    recursive_read_only: str | None
    def __init__(
        self,
        *,
        mount_path: str | None = ...,
        name: str | None = ...,
        read_only: bool | None = ...,
        recursive_read_only: str | None = ...,
    ) -> None: ...

class VolumeNodeAffinity(msgspec.Struct):
    required: NodeSelector | None
    def __init__(
        self,
        *,
        required: NodeSelector | None = ...,
    ) -> None: ...

class VolumeProjection(msgspec.Struct):
    cluster_trust_bundle: ClusterTrustBundleProjection | None
    config_map: ConfigMapProjection | None
    downward_api: DownwardAPIProjection | None
    pod_certificate: PodCertificateProjection | None
    secret: SecretProjection | None
    service_account_token: ServiceAccountTokenProjection | None
    def __init__(
        self,
        *,
        cluster_trust_bundle: ClusterTrustBundleProjection | None = ...,
        config_map: ConfigMapProjection | None = ...,
        downward_api: DownwardAPIProjection | None = ...,
        pod_certificate: PodCertificateProjection | None = ...,
        secret: SecretProjection | None = ...,
        service_account_token: ServiceAccountTokenProjection | None = ...,
    ) -> None: ...

class VolumeResourceRequirements(msgspec.Struct):
    limits: dict[str, str]
    requests: dict[str, str]
    def __init__(
        self,
        *,
        limits: dict[str, str] = ...,
        requests: dict[str, str] = ...,
    ) -> None: ...

class VsphereVirtualDiskVolumeSource(msgspec.Struct):
    fs_type: str | None
    storage_policy_id: str | None
    storage_policy_name: str | None
    volume_path: str | None
    def __init__(
        self,
        *,
        fs_type: str | None = ...,
        storage_policy_id: str | None = ...,
        storage_policy_name: str | None = ...,
        volume_path: str | None = ...,
    ) -> None: ...

class WeightedPodAffinityTerm(msgspec.Struct):
    pod_affinity_term: PodAffinityTerm | None
    weight: int | None
    def __init__(
        self,
        *,
        pod_affinity_term: PodAffinityTerm | None = ...,
        weight: int | None = ...,
    ) -> None: ...

class WindowsSecurityContextOptions(msgspec.Struct):
    gmsa_credential_spec: str | None
    gmsa_credential_spec_name: str | None
    host_process: bool | None
    run_as_user_name: str | None
    def __init__(
        self,
        *,
        gmsa_credential_spec: str | None = ...,
        gmsa_credential_spec_name: str | None = ...,
        host_process: bool | None = ...,
        run_as_user_name: str | None = ...,
    ) -> None: ...
