"""A CustomResourceDefinition, read: versions, names, conditions. Pure. May import: machinery."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
GROUP, PLURAL = "apiextensions.k8s.io", "customresourcedefinitions"
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
ESTABLISHED, NAMES_ACCEPTED, TERMINATING = "Established", "NamesAccepted", "Terminating"
APPROVED = "KubernetesAPIApprovalPolicyConformant"

_VERSION = re.compile(r"^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}


def version_rank(version: str) -> tuple[Any, ...]:
    """A sort key: v2 before v1 before v1beta1 before v1alpha1 before anything else, which goes by name."""
    match = _VERSION.match(version)
    if match is None:
        return (1, 0, 0, 0, version)
    major, stability, minor = match.groups()
    return (0, -_STABILITY[stability], -int(major), -int(minor or 0), version)


def served_versions(crd: Mapping[str, Any]) -> list[Object]:
    """The versions that are served, the preferred one first."""
    versions = [version for version in crd["spec"].get("versions") or () if version.get("served")]
    return sorted(versions, key=lambda version: version_rank(version["name"]))


def storage_version(crd: Mapping[str, Any]) -> str:
    """The name of the version in which objects are stored."""
    for version in crd["spec"].get("versions") or ():
        if version.get("storage"):
            return str(version["name"])
    return ""


def version_of(crd: Mapping[str, Any], name: str) -> Object:
    """One version by name; empty if there is none."""
    for version in crd["spec"].get("versions") or ():
        if version.get("name") == name:
            return dict(version)
    return {}


def schema_of(version: Mapping[str, Any]) -> Object:
    """The openAPIV3Schema of a version."""
    found: Object = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return found


def condition(crd: Mapping[str, Any], name: str) -> Object | None:
    """A status condition."""
    for found in (crd.get("status") or {}).get("conditions") or ():
        if found.get("type") == name:
            return dict(found)
    return None


def is_true(crd: Mapping[str, Any], name: str) -> bool:
    """Whether a condition is there and True."""
    found = condition(crd, name)
    return found is not None and found.get("status") == "True"


def uses_webhook(crd: Mapping[str, Any]) -> bool:
    """Whether versions are converted by a webhook."""
    conversion = crd["spec"].get("conversion") or {}
    return conversion.get("strategy") == "Webhook" and len(crd["spec"].get("versions") or ()) > 1
