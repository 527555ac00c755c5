"""Validation of a claim's spec: of a PersistentVolumeClaim, and of the templates of one in workloads and in pods.

Pure. May import: api.checks, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, forbidden, invalid, not_supported, required
from kajitori.machinery.gotext import Go
from kajitori.machinery.quantity import Quantity

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")

VOLUME_MODES = ("Block", "Filesystem")


def access_modes(path: Path, modes: Iterable[str]) -> Errors:
    """Known ones; the mode for a single Pod stands alone."""
    errors: Errors = [not_supported(path, mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES]
    known = {mode for mode in modes if mode in ACCESS_MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        errors.append(forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return errors


def claim_spec(path: Path, spec: Object) -> Errors:
    """The spec of a PersistentVolumeClaim, also inside volumeClaimTemplates."""
    modes, where = spec.get("accessModes") or (), path.child("resources").key("storage")
    errors: Errors = []
    if not modes:
        errors.append(required(path.child("accessModes"), "at least 1 access mode is required"))
    errors += checks.label_selector(path.child("selector"), spec.get("selector"))
    errors += access_modes(path.child("accessModes"), modes)
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        errors.append(required(where))
    elif Quantity.parse(size) <= Quantity():
        errors.append(invalid(where, str(Quantity.parse(size)), "must be greater than zero"))
    if spec.get("storageClassName"):
        errors += checks.by(path.child("storageClassName"), spec["storageClassName"], names.is_dns1123_subdomain)
    errors += checks.choice(path.child("volumeMode"), spec.get("volumeMode"), VOLUME_MODES)
    errors += _sources(path, spec)
    attributes = spec.get("volumeAttributesClassName")
    if attributes:
        errors += checks.by(path.child("volumeAttributesClassName"), attributes, names.is_dns1123_subdomain)
    return errors


def _sources(path: Path, spec: Object) -> Errors:
    """`dataSource` and `dataSourceRef` say the same, unless the latter is in another namespace."""
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    errors: Errors = []
    for field, given in (("dataSource", source), ("dataSourceRef", ref)):
        if given is not None:
            errors += _data_source(path.child(field), given)
    namespace = (ref or {}).get("namespace")
    if namespace:
        errors += checks.by(path.child("dataSourceRef", "namespace"), namespace, names.is_dns1123_label)
    if source is not None and ref is not None:
        shown = str(path.child("dataSource"))
        if namespace:
            why = "may not be specified when dataSourceRef.namespace is specified"
            errors.append(invalid(path, Go(shown), why))
        elif any(source.get(field) != ref.get(field) for field in ("apiGroup", "kind", "name")):
            errors.append(invalid(path, Go(shown), "must match dataSourceRef"))
    return errors


def _data_source(at: Path, source: Object) -> Errors:
    errors: Errors = [required(at.child(field)) for field in ("name", "kind") if not source.get(field)]
    group = source.get("apiGroup") or ""
    if not group and source.get("kind") != "PersistentVolumeClaim":
        message = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(invalid(at, source.get("kind") or "", message))
    wrong = checks.by(at.child("apiGroup"), group, names.is_dns1123_subdomain) if group else []
    return errors + checks.ratcheted(wrong, "group of a data source")
