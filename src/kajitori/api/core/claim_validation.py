"""Validation of a claim's spec: of a PersistentVolumeClaim, and of the templates of one in workloads and in pods.

Pure. May import: api.checks, machinery.
"""

from __future__ import annotations

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, not_supported, required

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")

VOLUME_MODES = ("Block", "Filesystem")


def claim_spec(path: Path, spec: Object) -> Errors:
    """The spec of a PersistentVolumeClaim, also inside volumeClaimTemplates."""
    modes = spec.get("accessModes") or []
    errors: Errors = []
    if not modes:
        errors.append(required(path.child("accessModes"), "at least 1 access mode is required"))
    for mode in modes:
        if mode not in ACCESS_MODES:
            errors.append(not_supported(path.child("accessModes"), mode, ACCESS_MODES))
    requests = (spec.get("resources") or {}).get("requests") or {}
    where = path.child("resources").key("storage")
    if "storage" not in requests:
        errors.append(required(where))
    else:
        errors += checks.quantity(where, requests["storage"])
    if spec.get("storageClassName"):
        errors += checks.dns_subdomain(path.child("storageClassName"), spec["storageClassName"])
    errors += checks.optional_one_of(path.child("volumeMode"), spec.get("volumeMode"), VOLUME_MODES)
    for field in ("dataSource", "dataSourceRef"):
        source = spec.get(field)
        if source is not None and (field == "dataSourceRef" or _is_known(source)):
            errors += _data_source(path.child(field), source)
    return errors + checks.label_selector(path.child("selector"), spec.get("selector"))


def _is_known(source: Object) -> bool:
    """Of the older field's values, upstream reads two kinds and lets the rest pass."""
    known = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
    return (source.get("apiGroup") or "", source.get("kind")) in known


def _data_source(at: Path, source: Object) -> Errors:
    errors: Errors = [required(at.child(field)) for field in ("name", "kind") if not source.get(field)]
    group = source.get("apiGroup") or ""
    if not group and source.get("kind") != "PersistentVolumeClaim":
        message = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(invalid(at, source.get("kind") or "", message))
    return errors + (checks.by(at.child("apiGroup"), group, names.is_dns1123_subdomain) if group else [])
