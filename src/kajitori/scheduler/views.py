"""The fields of Pods, Nodes and others that scheduling reads, as small structs.

The scheduler holds every Pod of the cluster in memory: probes, environments, volumes and status would be most of it.
Attribute names are those of ``kajitori.api``'s structs. May import: api.views.
"""

from typing import ClassVar

import msgspec

from kajitori.api.views import Meta as ObjectMeta
from kajitori.api.views import View


class OwnerReference(View):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None


class Meta(ObjectMeta):
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: list[OwnerReference] = []
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None


class LabelSelectorRequirement(View):
    key: str = ""
    operator: str = ""
    values: list[str] = []


class LabelSelector(View):
    match_labels: dict[str, str] = {}
    match_expressions: list[LabelSelectorRequirement] = []


class Resources(View):
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class ContainerPort(View):
    host_port: int | None = None
    host_ip: str | None = msgspec.field(default=None, name="hostIP")
    protocol: str | None = None


class Container(View):
    name: str = ""
    image: str | None = None
    resources: Resources | None = None
    ports: list[ContainerPort] = []
    restart_policy: str | None = None


class Toleration(View):
    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


class SelectorTerm(View):
    match_expressions: list[LabelSelectorRequirement] = []
    match_fields: list[LabelSelectorRequirement] = []


class NodeSelector(View):
    node_selector_terms: list[SelectorTerm] = []


class PreferredTerm(View):
    weight: int | None = None
    preference: SelectorTerm = msgspec.field(default_factory=SelectorTerm)


class NodeAffinity(View):
    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    preferred_during_scheduling_ignored_during_execution: list[PreferredTerm] = []


class PodAffinityTerm(View):
    label_selector: LabelSelector | None = None
    namespaces: list[str] = []
    namespace_selector: LabelSelector | None = None
    topology_key: str = ""
    match_label_keys: list[str] = []
    mismatch_label_keys: list[str] = []


class WeightedPodAffinityTerm(View):
    weight: int | None = None
    pod_affinity_term: PodAffinityTerm = msgspec.field(default_factory=PodAffinityTerm)


class PodAffinity(View):
    required_during_scheduling_ignored_during_execution: list[PodAffinityTerm] = []
    preferred_during_scheduling_ignored_during_execution: list[WeightedPodAffinityTerm] = []


class Affinity(View):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpreadConstraint(View):
    max_skew: int | None = None
    topology_key: str = ""
    when_unsatisfiable: str = ""
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: list[str] = []


class SchedulingGate(View):
    name: str = ""


class PodResourceClaim(View):
    name: str = ""


class PodSpec(View):
    resource_claims: list[PodResourceClaim] = []
    node_name: str | None = None
    scheduler_name: str | None = None
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    tolerations: list[Toleration] = []
    topology_spread_constraints: list[TopologySpreadConstraint] = []
    containers: list[Container] = []
    init_containers: list[Container] = []
    overhead: dict[str, str] = {}
    resources: Resources | None = None
    priority: int | None = None
    preemption_policy: str | None = None
    scheduling_gates: list[SchedulingGate] = []


class PodCondition(View):
    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None


class ContainerStatus(View):
    name: str = ""
    allocated_resources: dict[str, str] = {}


class PodStatus(View):
    conditions: list[PodCondition] = []
    container_statuses: list[ContainerStatus] = []
    init_container_statuses: list[ContainerStatus] = []
    phase: str | None = None
    nominated_node_name: str | None = None
    start_time: str | None = None


class Pod(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Pod"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class Taint(View):
    key: str = ""
    value: str | None = None
    effect: str = ""


class NodeSpec(View):
    unschedulable: bool | None = None
    taints: list[Taint] = []


class Image(View):
    names: list[str] = []
    size_bytes: int | None = None


class NodeStatus(View):
    allocatable: dict[str, str] = {}
    images: list[Image] = []


class Node(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Node"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)


class Namespace(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Namespace"
    metadata: Meta = msgspec.field(default_factory=Meta)


class ServiceSpec(View):
    selector: dict[str, str] = {}


class Service(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Service"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)


class ReplicationController(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "ReplicationController"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)


class WorkloadSpec(View):
    selector: LabelSelector | None = None


class ReplicaSet(View):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "ReplicaSet"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: WorkloadSpec = msgspec.field(default_factory=WorkloadSpec)


class StatefulSet(View):
    API_VERSION: ClassVar[str] = "apps/v1"
    KIND: ClassVar[str] = "StatefulSet"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: WorkloadSpec = msgspec.field(default_factory=WorkloadSpec)


class BudgetStatus(View):
    disruptions_allowed: int | None = None
    disrupted_pods: dict[str, str] = {}


class PodDisruptionBudget(View):
    API_VERSION: ClassVar[str] = "policy/v1"
    KIND: ClassVar[str] = "PodDisruptionBudget"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: WorkloadSpec = msgspec.field(default_factory=WorkloadSpec)
    status: BudgetStatus = msgspec.field(default_factory=BudgetStatus)
