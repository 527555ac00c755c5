"""Which claims get a volume, what it looks like, which volumes go. Pure.

May import: provisioner.views (attribute names).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MINIKUBE, LOCAL_PATH = "k8s.io/minikube-hostpath", "rancher.io/local-path"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
SELECTED_NODE = "volume.kubernetes.io/selected-node"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Provisioner names, and where each keeps its directories."""

    roots: Mapping[str, str]
    node_name: str = ""
    identity: str = ""


class Unprovisionable(ValueError):
    """The claim asks for something that a directory cannot give; the message is for its owner."""


def is_wanted(claim: Any, storage_class: Any, options: Options) -> bool:
    """Whether it is our turn to make a volume for this claim."""
    if claim.spec.volume_name or claim.metadata.deletion_timestamp or claim.status.phase not in (None, "", "Pending"):
        return False
    if storage_class is None or storage_class.provisioner not in options.roots:
        return False
    waits = storage_class.volume_binding_mode == "WaitForFirstConsumer"
    return not waits or bool(claim.metadata.annotations.get(SELECTED_NODE))


def volume_path(claim: Any, provisioner: str, options: Options) -> str:
    """Under the root: `namespace/claim` as minikube does, or `pvc-UID_namespace_claim` as local-path does."""
    meta = claim.metadata
    root = PurePosixPath(options.roots[provisioner])
    if provisioner == LOCAL_PATH:
        return str(root / f"pvc-{meta.uid}_{meta.namespace}_{meta.name}")
    return str(root / meta.namespace / meta.name)


def volume_for(claim: Any, storage_class: Any, options: Options) -> dict[str, Any]:
    """The PersistentVolume to create, bound to the claim from the start (raises Unprovisionable)."""
    if claim.spec.volume_mode == "Block":
        raise Unprovisionable(f"{storage_class.provisioner} does not support block volume provisioning")
    meta = claim.metadata
    size = (claim.spec.resources.requests if claim.spec.resources else {}).get("storage", "")
    host_path = {"path": volume_path(claim, storage_class.provisioner, options), "type": ""}
    if storage_class.provisioner == LOCAL_PATH:
        host_path["type"] = "DirectoryOrCreate"
    spec: dict[str, Any] = {
        "capacity": {"storage": size},
        "accessModes": list(claim.spec.access_modes),
        "persistentVolumeReclaimPolicy": storage_class.reclaim_policy or "Delete",
        "storageClassName": storage_class.metadata.name,
        "volumeMode": "Filesystem",
        "hostPath": host_path,
        "claimRef": {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": meta.namespace,
            "name": meta.name,
            "uid": meta.uid,
            "resourceVersion": meta.resource_version,
        },
    }
    if storage_class.mount_options:
        spec["mountOptions"] = list(storage_class.mount_options)
    node = meta.annotations.get(SELECTED_NODE, "")
    if node:
        expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
    annotations = {PROVISIONED_BY: storage_class.provisioner}
    if storage_class.provisioner == MINIKUBE:
        annotations["hostPathProvisionerIdentity"] = options.identity
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"pvc-{meta.uid}", "annotations": annotations},
        "spec": spec,
    }


def is_doomed(volume: Any, options: Options) -> bool:
    """Whether a volume is ours, released, and to be deleted with what it holds."""
    return (
        volume.metadata.annotations.get(PROVISIONED_BY) in options.roots
        and volume.status.phase == "Released"
        and volume.spec.persistent_volume_reclaim_policy == "Delete"
        and not volume.metadata.deletion_timestamp
    )


def directory_to_remove(volume: Any, options: Options) -> str:
    """The volume's directory, if it lies strictly within our root; empty otherwise (then nothing is removed)."""
    root = PurePosixPath(options.roots[volume.metadata.annotations[PROVISIONED_BY]])
    path = PurePosixPath(volume.spec.host_path.path) if volume.spec.host_path else root
    if ".." in path.parts or root not in path.parents:
        return ""
    return str(path)
