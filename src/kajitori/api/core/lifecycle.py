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
    """Whatever status the client sent is replaced: claims begin Pending."""
    obj["status"] = {"phase": "Pending"}


def create_volume(obj: Object) -> None:
    """Whatever status the client sent is replaced: volumes begin Pending."""
    obj["status"] = {"phase": "Pending"}
