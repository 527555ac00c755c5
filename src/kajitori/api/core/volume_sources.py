"""Validation of the volume sources that pods and persistent volumes have alike: NFS, iSCSI, Fibre Channel, CSI.

Pure; texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

import re

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, required, too_long

MAX_DRIVER_NAME = 63
MAX_LUN = 255
_IQN = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([a-z0-9\-.]+)(:([^,;*&$|\s]+))\Z"),
    "eui": re.compile(r"eui\.[0-9a-fA-F]{16}\Z"),
    "naa": re.compile(r"naa\.[0-9a-fA-F]{32}\Z"),
}


def nfs(at: Path, source: Object) -> Errors:
    """A server and an absolute path."""
    path = source.get("path") or ""
    errors = [required(at.child(field)) for field in ("server", "path") if not source.get(field)]
    if not path.startswith("/"):
        errors.append(invalid(at.child("path"), path, "must be an absolute path"))
    return errors


def iscsi(at: Path, source: Object) -> Errors:
    """A portal, an IQN and a LUN; CHAP needs a secret."""
    errors: Errors = []
    if not source.get("targetPortal"):
        errors.append(required(at.child("targetPortal")))
    errors += _qualified(at.child("iqn"), source["iqn"]) if source.get("iqn") else [required(at.child("iqn"))]
    errors += _lun(at, source.get("lun") or 0)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        errors.append(required(at.child("secretRef")))
    if source.get("initiatorName") is not None:
        errors += _qualified(at.child("initiatorname"), source["initiatorName"])
    return errors


def _qualified(at: Path, name: str) -> Errors:
    pattern = _IQN.get(name[:3])
    if pattern is None:
        return [invalid(at, name, "must be valid format starting with iqn, eui, or naa")]
    return [] if pattern.match(name) else [invalid(at, name, "must be valid format")]


def _lun(at: Path, lun: int) -> Errors:
    return [] if 0 <= lun <= MAX_LUN else [invalid(at.child("lun"), lun, f"must be between 0 and {MAX_LUN}, inclusive")]


def fc(at: Path, source: Object) -> Errors:
    """World-wide names of targets with a LUN, or of the volume; not both."""
    targets, ids = source.get("targetWWNs"), source.get("wwids")
    errors: Errors = []
    if not targets and not ids:
        errors.append(required(at.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both"))
    if targets and ids:
        message = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(invalid(at.child("targetWWNs"), targets, message))
    if targets:
        lun = source.get("lun")
        wanted = [required(at.child("lun"), "lun is required if targetWWNs is specified")]
        errors += wanted if lun is None else _lun(at, lun)
    return errors


def driver_name(at: Path, name: str) -> Errors:
    """The name of a CSI driver, wherever one stands."""
    errors: Errors = [] if name else [required(at)]
    if len(name) > MAX_DRIVER_NAME:
        errors.append(too_long(at, name, MAX_DRIVER_NAME))
    return errors + [invalid(at, name, why) for why in names.is_dns1123_subdomain(name.lower())]


def csi(at: Path, source: Object) -> Errors:
    """A driver's name; the secret for publishing, if given, by name."""
    errors = driver_name(at.child("driver"), source.get("driver") or "")
    secret = source.get("nodePublishSecretRef")
    if secret is None:
        return errors
    if not secret.get("name"):
        # upstream's path has this space
        return [*errors, required(at.child("nodePublishSecretRef ", "name"))]
    return errors + checks.by(at.child("name"), secret["name"], names.is_dns1123_subdomain)


def persistent_csi(at: Path, source: Object) -> Errors:
    """The source of a persistent volume: a handle, and secrets with their namespaces."""
    errors = driver_name(at.child("driver"), source.get("driver") or "")
    if not source.get("volumeHandle"):
        errors.append(required(at.child("volumeHandle")))
    for field in (
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ):
        if source.get(field) is not None:
            errors += _secret(at.child(field), source[field])
    return errors


def _secret(at: Path, ref: Object) -> Errors:
    errors: Errors = []
    for field, check in (("name", names.is_dns1123_subdomain), ("namespace", names.is_dns1123_label)):
        value = ref.get(field)
        errors += checks.by(at.child(field), value, check) if value else [required(at.child(field))]
    return errors
