"""Validation of a claim's spec: of a PersistentVolumeClaim, and of the templates of one in workloads and in pods.

Pure. May import: api.checks, machinery.
"""

from __future__ import annotations

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery.fieldpath import Path, not_supported, required

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
    return errors + checks.label_selector(path.child("selector"), spec.get("selector"))
