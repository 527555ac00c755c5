"""All controllers by upstream's names, and which of them `--controllers` switches on.

May import: controllers.*; each controller's module only when it is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from kajitori.controllers.controller import Controller

# name: (module, class, further names that --controllers accepts)
CONTROLLERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "serviceaccount-controller": ("serviceaccount", "ServiceAccountController", ("serviceaccount",)),
    "serviceaccount-token-controller": ("serviceaccount_tokens", "TokenController", ("serviceaccount-token",)),
    "root-ca-certificate-publisher-controller": ("root_ca", "RootCAController", ("root-ca-cert-publisher",)),
    "node-ipam-controller": ("node_ipam", "NodeIpamController", ("nodeipam",)),
    "node-lifecycle-controller": ("node_lifecycle", "NodeLifecycleController", ("nodelifecycle",)),
    "taint-eviction-controller": ("taint_eviction", "TaintEvictionController", ()),
    "deployment-controller": ("deployment", "DeploymentController", ("deployment",)),
    "replicaset-controller": ("replicaset", "ReplicaSetController", ("replicaset",)),
    "replicationcontroller-controller": (
        "replicaset",
        "ReplicationControllerController",
        ("replicationcontroller",),
    ),
    "endpoints-controller": ("endpoints", "EndpointsController", ("endpoint",)),
    "endpointslice-controller": ("endpointslice", "EndpointSliceController", ("endpointslice",)),
    "endpointslice-mirroring-controller": (
        "endpointslice_mirroring",
        "EndpointSliceMirroringController",
        ("endpointslicemirroring",),
    ),
    "namespace-controller": ("namespace", "NamespaceController", ("namespace",)),
    "clusterrole-aggregation-controller": (
        "clusterrole_aggregation",
        "ClusterRoleAggregationController",
        ("clusterrole-aggregation",),
    ),
    "pod-garbage-collector-controller": ("pod_gc", "PodGCController", ("podgc",)),
    "resourcequota-controller": ("resourcequota", "ResourceQuotaController", ("resourcequota",)),
    "persistentvolumeclaim-protection-controller": (
        "volume_protection",
        "ClaimProtectionController",
        ("pvc-protection",),
    ),
    "persistentvolume-protection-controller": ("volume_protection", "VolumeProtectionController", ("pv-protection",)),
    "validatingadmissionpolicy-status-controller": (
        "validatingadmissionpolicy_status",
        "PolicyStatusController",
        ("validatingadmissionpolicy-status",),
    ),
    "service-cidr-controller": ("service_cidrs", "ServiceCIDRController", ()),
    "garbage-collector-controller": ("garbagecollector", "GarbageCollector", ("garbagecollector",)),
    "certificatesigningrequest-approving-controller": (
        "certificates.approving",
        "ApprovingController",
        ("csrapproving",),
    ),
    "certificatesigningrequest-signing-controller": ("certificates.signing", "SigningController", ("csrsigning",)),
    "certificatesigningrequest-cleaner-controller": ("certificates.cleaner", "CleanerController", ("csrcleaner",)),
    "bootstrap-signer-controller": ("certificates.bootstraptokens", "BootstrapSigner", ("bootstrapsigner",)),
    "token-cleaner-controller": ("certificates.bootstraptokens", "TokenCleaner", ("tokencleaner",)),
}
NOT_BY_DEFAULT = frozenset({"bootstrap-signer-controller", "token-cleaner-controller"})
"""Only where --controllers names them: `*` does not mean these."""

NOT_HERE = frozenset(
    [
        "attachdetach",
        "cloud-node-lifecycle",
        "cloud-node-lifecycle-controller",
        "cronjob",
        "cronjob-controller",
        "daemonset",
        "daemonset-controller",
        "device-taint-eviction-controller",
        "disruption",
        "disruption-controller",
        "ephemeral-volume",
        "ephemeral-volume-controller",
        "horizontal-pod-autoscaler-controller",
        "horizontalpodautoscaling",
        "job",
        "job-controller",
        "kube-apiserver-serving-clustertrustbundle-publisher-controller",
        "legacy-service-account-token-cleaner",
        "legacy-serviceaccount-token-cleaner-controller",
        "node-route-controller",
        "persistentvolume-attach-detach-controller",
        "persistentvolume-binder",
        "persistentvolume-binder-controller",
        "persistentvolume-expander",
        "persistentvolume-expander-controller",
        "podcertificaterequest-cleaner-controller",
        "resource-claim-controller",
        "resourceclaim-controller",
        "route",
        "selinux-warning-controller",
        "service",
        "service-lb-controller",
        "statefulset",
        "statefulset-controller",
        "storage-version-gc",
        "storage-version-migrator-controller",
        "storageversion-garbage-collector-controller",
        "ttl",
        "ttl-after-finished",
        "ttl-after-finished-controller",
        "ttl-controller",
        "volumeattributesclass-protection-controller",
    ]
)
"""Upstream's other controllers and their older names: `--controllers` may name them, nothing is switched on."""


def unknown(wanted: Sequence[str]) -> list[str]:
    """What of `--controllers` names no controller of kube-controller-manager, in the order given."""
    known = NOT_HERE | CONTROLLERS.keys() | {alias for _, _, aliases in CONTROLLERS.values() for alias in aliases}
    return [name for name in wanted if name != "*" and name.removeprefix("-") not in known]


def is_enabled(name: str, wanted: Sequence[str]) -> bool:
    """`foo` switches on, `-foo` off, `*` all that are not named."""
    names = (name, *CONTROLLERS[name][2])
    if any(f"-{n}" in wanted for n in names):
        return False
    return ("*" in wanted and name not in NOT_BY_DEFAULT) or any(n in wanted for n in names)


def load(name: str) -> type[Controller]:
    """The class of a controller by upstream's name; imports its module. Raises KeyError for an unknown name."""
    module, class_name, _ = CONTROLLERS[name]
    found: type[Controller] = getattr(import_module(f"kajitori.controllers.{module}"), class_name)
    return found
