"""Validation of the sources of PersistentVolumes, where they differ from those of pods' volumes.

Pure; texts are upstream's. May import: api.checks, api.core, machinery.
"""

from __future__ import annotations

from collections.abc import Callable

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.api.core import volume_sources as sources
from kajitori.api.core.volume_validation import BACKSTEPS, host_path
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, required

ORDER = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)
_SECRETS = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
)


def _iscsi(at: Path, source: Object) -> Errors:
    return sources.iscsi_with(at, source, "must be valid format") + sources.secret_name(at, source)


def _glusterfs(at: Path, source: Object) -> Errors:
    errors = sources.wanted(at, source, "endpoints", "path")
    namespace, where = source.get("endpointsNamespace"), at.child("endpointsNamespace")
    if namespace == "":
        why = "if the endpointnamespace is set, it must be a valid namespace name"
        return [*errors, invalid(where, namespace, why)]
    return errors + (checks.by(where, namespace, names.is_dns1123_label) if namespace else [])


def _secret_with_namespace(check: Callable[[Path, Object], Errors]) -> Callable[[Path, Object], Errors]:
    def checked(at: Path, source: Object) -> Errors:
        ref = source.get("secretRef")
        missing = [] if ref is None else sources.wanted(at.child("secretRef"), ref, "namespace")
        return check(at, source) + missing

    return checked


def _azure_file(at: Path, source: Object) -> Errors:
    errors = sources.wanted(at, source, "secretName", "shareName")
    return [*errors, required(at.child("secretNamespace"))] if source.get("secretNamespace") == "" else errors


def _local(at: Path, source: Object) -> Errors:
    path, where = source.get("path") or "", at.child("path")
    if not path:
        return [required(where)]
    return [invalid(where, path, BACKSTEPS)] if ".." in path.split("/") else []


def _csi(at: Path, source: Object) -> Errors:
    errors = sources.driver_name(at.child("driver"), source.get("driver") or "")
    errors += sources.wanted(at, source, "volumeHandle")
    for field in _SECRETS:
        ref, where = source.get(field), at.child(field)
        if ref is not None:
            for part, check in (("name", names.is_dns1123_subdomain), ("namespace", names.is_dns1123_label)):
                value = ref.get(part)
                errors += checks.by(where.child(part), value, check) if value else [required(where.child(part))]
    return errors


CHECKS: dict[str, Callable[[Path, Object], Errors]] = sources.SHARED | {
    "hostPath": host_path,
    "iscsi": _iscsi,
    "glusterfs": _glusterfs,
    "cinder": _secret_with_namespace(sources.cinder),
    "azureFile": _azure_file,
    "storageos": _secret_with_namespace(sources.storageos),
    "local": _local,
    "csi": _csi,
}
