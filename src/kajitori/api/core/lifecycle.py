"""What create and update of core/v1 kinds set or keep by themselves. Pure, on wire dicts."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
KUBERNETES_FINALIZER = "kubernetes"


def create_namespace(obj: Object) -> None:
    """A new namespace is Active and held by the `kubernetes` finalizer until its content is gone."""
    finalizers = obj.setdefault("spec", {}).get("finalizers") or []
    if KUBERNETES_FINALIZER not in finalizers:
        finalizers = [*finalizers, KUBERNETES_FINALIZER]
    obj["spec"]["finalizers"] = finalizers
    obj["status"] = {"phase": "Active"}


def update_namespace(obj: Object, old: Object) -> None:
    """Finalizers of the spec change only through the `finalize` subresource."""
    obj["spec"] = old.get("spec", {})


def update_node(obj: Object, old: Object) -> None:
    """A node may be created with its status, but later only the subresource changes it."""
    obj.pop("status", None)
    if "status" in old:
        obj["status"] = old["status"]


def create_claim(obj: Object) -> None:
    """Whatever status the client sent is replaced: claims begin Pending. Of their sources `settle_sources` tells."""
    obj["status"] = {"phase": "Pending"}
    settle_sources(obj.get("spec") or {}, {})


def update_claim(obj: Object, old: Object) -> None:
    """As a new one, but for sources that the stored claim has already."""
    settle_sources(obj.get("spec") or {}, old.get("spec") or {})


_SNAPSHOT = ("VolumeSnapshot", "snapshot.storage.k8s.io")


def settle_sources(spec: Object, before: Object) -> None:
    """`dataSource` knows claims and snapshots only, and is dropped otherwise; then each of both fills the other."""
    source = spec.get("dataSource")
    if source is not None and before.get("dataSource") is None:
        kind, group = source.get("kind") or "", source.get("apiGroup") or ""
        if (kind, group) not in (("PersistentVolumeClaim", ""), _SNAPSHOT):
            del spec["dataSource"]
            source = None
    ref = spec.get("dataSourceRef")
    if ref is not None and ref.get("namespace") and before.get("dataSourceRef") is None:
        del spec["dataSourceRef"]  # behind the gate CrossNamespaceVolumeDataSource, which is off in v1.34
        ref = None
    if source is not None and ref is None:
        spec["dataSourceRef"] = dict(source)
    elif ref is not None and source is None and not ref.get("namespace"):
        spec["dataSource"] = {name: value for name, value in ref.items() if name != "namespace"}


def create_volume(obj: Object) -> None:
    """Whatever status the client sent is replaced: volumes begin Pending."""
    obj["status"] = {"phase": "Pending"}
