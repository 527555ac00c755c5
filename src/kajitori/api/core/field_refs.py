"""Validation of references to a pod's own fields and to its containers' resources: in variables and in volumes.

Pure, on wire dicts after defaulting; texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, not_supported, required
from kajitori.machinery.quantity import Quantity

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
FILE_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
CONTAINER_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_KNOWN = {*ENV_FIELDS, *FILE_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"}
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_BYTES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_WHAT = {"cpu": "cpu", "memory": "memory", "ephemeral-storage": "local ephemeral storage"}


def field_ref(at: Path, ref: Object, supported: Collection[str]) -> Errors:
    """A path such as `metadata.name` or `metadata.labels['app']`."""
    version, path = ref.get("apiVersion") or "", ref.get("fieldPath") or ""
    where = at.child("fieldPath")
    if not version:
        return [required(at.child("apiVersion"))]
    if not path:
        return [required(where)]
    subscripted = _SUBSCRIPT.fullmatch(path)
    field = subscripted[1] if subscripted else path
    if version != "v1":
        return [invalid(where, path, f"error converting fieldPath: unsupported pod version: {version}")]
    known = field in ("metadata.annotations", "metadata.labels") if subscripted else path in _KNOWN
    if not known:
        return [invalid(where, path, f"error converting fieldPath: field label not supported: {path}")]
    if subscripted:
        key = subscripted[2]
        return checks.by(at, key.lower() if field == "metadata.annotations" else key, names.is_qualified_name)
    return [] if path in supported else [not_supported(where, path, sorted(supported))]


def resource_ref(at: Path, ref: Object, *, names_container: bool) -> Errors:
    """A container's request or limit, and the unit that it is told in."""
    name = ref.get("resource") or ""
    errors: Errors = []
    if names_container and not ref.get("containerName"):
        errors.append(required(at.child("containerName")))
    elif not name:
        errors.append(required(at.child("resource")))
    elif name not in CONTAINER_RESOURCES and not name.startswith(_HUGE_PAGES):
        errors.append(not_supported(at.child("resource"), name, CONTAINER_RESOURCES))
    return errors + _divisor(at.child("divisor"), name, ref.get("divisor"))


def _divisor(at: Path, name: str, divisor: object) -> Errors:
    text = str(Quantity.parse(str(divisor))) if divisor is not None else "0"
    resource = name.partition(".")[2]
    if text == "0" or not (resource in _WHAT or name.startswith(_HUGE_PAGES)):
        return []
    allowed = ("1m", "1") if resource == "cpu" else _BYTES
    if text in allowed:
        return []
    units = "1m and 1" if resource == "cpu" else ", ".join(_BYTES)
    what = _WHAT.get(resource, "hugepages")
    return [invalid(at, name, f"only divisor's values {units} are supported with the {what} resource")]
