"""Which describer is for which kind; imported when needed. May import: kubectl.describers."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable

from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire

Describer = Callable[[Page, Wire, Cluster], Awaitable[None]]

_KINDS: dict[tuple[str, str], str] = {
    ("", "Pod"): "pods.describe_pod",
    ("", "ReplicationController"): "workloads.describe_replication_controller",
    ("", "Secret"): "configuration.describe_secret",
    ("", "Service"): "services.describe_service",
    ("", "ServiceAccount"): "configuration.describe_service_account",
    ("", "Node"): "nodes.describe_node",
    ("", "LimitRange"): "namespaces.describe_limit_range",
    ("", "ResourceQuota"): "namespaces.describe_quota",
    ("", "PersistentVolume"): "storage.describe_volume",
    ("", "PersistentVolumeClaim"): "storage.describe_claim",
    ("", "Namespace"): "namespaces.describe_namespace",
    ("", "Endpoints"): "services.describe_endpoints",
    ("", "ConfigMap"): "configuration.describe_config_map",
    ("discovery.k8s.io", "EndpointSlice"): "services.describe_endpoint_slice",
    ("autoscaling", "HorizontalPodAutoscaler"): "autoscaling.describe_autoscaler",
    ("networking.k8s.io", "Ingress"): "networking.describe_ingress",
    ("networking.k8s.io", "IngressClass"): "networking.describe_ingress_class",
    ("networking.k8s.io", "ServiceCIDR"): "networking.describe_service_cidr",
    ("networking.k8s.io", "IPAddress"): "networking.describe_ip_address",
    ("networking.k8s.io", "NetworkPolicy"): "networking.describe_network_policy",
    ("batch", "Job"): "batch.describe_job",
    ("batch", "CronJob"): "batch.describe_cron_job",
    ("apps", "StatefulSet"): "workloads.describe_stateful_set",
    ("apps", "Deployment"): "workloads.describe_deployment",
    ("apps", "DaemonSet"): "workloads.describe_daemon_set",
    ("apps", "ReplicaSet"): "workloads.describe_replica_set",
    ("certificates.k8s.io", "CertificateSigningRequest"): "certificates.describe_request",
    ("storage.k8s.io", "StorageClass"): "storage.describe_storage_class",
    ("storage.k8s.io", "CSINode"): "storage.describe_csi_node",
    ("storage.k8s.io", "VolumeAttributesClass"): "storage.describe_attributes_class",
    ("policy", "PodDisruptionBudget"): "policies.describe_disruption_budget",
    ("rbac.authorization.k8s.io", "Role"): "access.describe_role",
    ("rbac.authorization.k8s.io", "ClusterRole"): "access.describe_role",
    ("rbac.authorization.k8s.io", "RoleBinding"): "access.describe_binding",
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): "access.describe_binding",
    ("scheduling.k8s.io", "PriorityClass"): "policies.describe_priority_class",
}


def kinds() -> list[tuple[str, str]]:
    """(group, kind) of every describer."""
    return list(_KINDS)


def describer_for(group: str, kind: str) -> Describer:
    """The kind's own describer, or the one that describes anything."""
    module, _, name = _KINDS.get((group, kind), "generic.describe_anything").partition(".")
    found: Describer = getattr(importlib.import_module(f"kajitori.kubectl.describers.{module}"), name)
    return found


async def describe(group: str, kind: str, obj: Wire, cluster: Cluster) -> str:
    """The whole text. What the describer asks for besides the object may raise `StatusError`."""
    page = Page()
    await describer_for(group, kind)(page, obj, cluster)
    return page.text()
