"""What claims and volumes get on their way in: the default StorageClass, protection while in use, the rule for growing.

May import: admission_types, deps.
"""

from __future__ import annotations

from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import Reader, ServerDeps
from kajitori.machinery.quantity import Quantity, QuantityError

Object = dict[str, Any]
GROUP = "storage.k8s.io"
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_IS_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_FINALIZERS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
}


class DefaultStorageClass(AdmissionPlugin):
    """A claim that names no class gets the default one, the youngest if several are marked."""

    name: ClassVar[str] = "DefaultStorageClass"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "persistentvolumeclaims", "")

    async def admit(self, request: AdmissionRequest) -> None:
        claim = request.object
        if claim is None or has_class(claim):
            return
        default = default_class(self._reader)
        if default is not None:
            claim.setdefault("spec", {})["storageClassName"] = default["metadata"]["name"]


def has_class(claim: Object) -> bool:
    """Whether the claim says anything of a class; "" says: none."""
    annotations = claim["metadata"].get("annotations") or {}
    return _CLASS_ANNOTATION in annotations or (claim.get("spec") or {}).get("storageClassName") is not None


def default_class(reader: Reader) -> Object | None:
    """The newest of the classes marked as default; by name where they are equally old."""
    found = [c for c in reader.list(GROUP, "storageclasses") if is_default(c)]
    found.sort(key=lambda c: c["metadata"]["name"])
    return max(found, key=lambda c: c["metadata"].get("creationTimestamp") or "", default=None)


def is_default(obj: Object) -> bool:
    """By the annotation of today or of the beta."""
    annotations = obj["metadata"].get("annotations") or {}
    return any(annotations.get(key) == "true" for key in _IS_DEFAULT)


class StorageObjectInUseProtection(AdmissionPlugin):
    """Claims and volumes get the finalizer that keeps them while something uses them."""

    name: ClassVar[str] = "StorageObjectInUseProtection"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return not resource.group and not subresource and resource.plural in _FINALIZERS

    async def admit(self, request: AdmissionRequest) -> None:
        if request.object is None:
            return
        metadata, finalizer = request.object["metadata"], _FINALIZERS[request.resource.plural]
        if finalizer not in (metadata.get("finalizers") or ()):
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), finalizer]


class PersistentVolumeClaimResize(AdmissionPlugin):
    """Claims grow only if they are bound and their class allows expansion."""

    name: ClassVar[str] = "PersistentVolumeClaimResize"
    operations: ClassVar[frozenset[str]] = frozenset({UPDATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "persistentvolumeclaims", "")

    async def validate(self, request: AdmissionRequest) -> None:
        claim, old = request.object, request.old_object
        if claim is None or old is None or not grows(claim, old):
            return
        if (old.get("status") or {}).get("phase") != "Bound":
            raise refuse(request, "Only bound persistent volume claims can be expanded")
        name = (claim.get("spec") or {}).get("storageClassName") or ""
        storage_class = self._reader.get(GROUP, "storageclasses", "", name)
        if storage_class is None or not storage_class.get("allowVolumeExpansion"):
            raise refuse(
                request,
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                "support resize",
            )


def grows(claim: Object, old: Object) -> bool:
    """Whether the request for storage is larger than before."""
    try:
        return _size(old) < _size(claim)
    except QuantityError:
        return False  # validation names it


def _size(claim: Object) -> Quantity:
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return Quantity.parse(requests.get("storage") or 0)
