"""Validation of the volume sources of pods, most of which persistent volumes have alike.

Those that are files of the cluster itself (Secrets, ConfigMaps, …) stand in volume_validation.py, what only persistent
volumes ask for in persistent_sources.py. Pure; texts are upstream's. May import: api.checks, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kajitori.api import checks
from kajitori.api.checks import Errors, Object
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, invalid, not_supported, required, too_long

MAX_DRIVER_NAME = 63
MAX_LUN = MAX_PARTITION = 255
MAX_TENANT = 65
MAX_INITIATOR = 64
LONG_INITIATOR = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is "
    "specified."
)
SHOWN = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}
"""How upstream spells a source that is one too many."""
INSIDE = {"gcePersistentDisk": "persistentDisk"}
"""And a source whose fields are wrong."""
_IQN = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:([^,;*&$|\s]+))\Z", re.ASCII),
    "eui": re.compile(r"eui.[A-Za-z0-9]{16}\Z"),
    "naa": re.compile(r"naa.[A-Za-z0-9]{32}\Z"),
}
ORDER = (
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
)


def kinds_of(volume: Object) -> list[str]:
    """The sources that a pod's volume has, in the order in which upstream looks for them."""
    found = [kind for kind in volume if kind != "name" and volume[kind] is not None]
    return found if len(found) < 2 else [kind for kind in ORDER if kind in found]


def wanted(at: Path, source: Object, *fields: str) -> Errors:
    """What a source cannot be without."""
    return [required(at.child(field)) for field in fields if not source.get(field)]


def _needs(*fields: str) -> Callable[[Path, Object], Errors]:
    return lambda at, source: wanted(at, source, *fields)


def nfs(at: Path, source: Object) -> Errors:
    """A server and an absolute path."""
    path = source.get("path") or ""
    errors = wanted(at, source, "server", "path")
    return errors if path.startswith("/") else [*errors, invalid(at.child("path"), path, "must be an absolute path")]


def iscsi(at: Path, source: Object) -> Errors:
    """A portal, an IQN and a LUN; CHAP needs a secret."""
    return iscsi_with(at, source, "must be valid format starting with iqn, eui, or naa")


def iscsi_with(at: Path, source: Object, unknown: str) -> Errors:
    """`unknown` is what is said of a name of no known kind."""
    errors = wanted(at, source, "targetPortal", "iqn")
    if source.get("iqn"):
        errors += _qualified(at.child("iqn"), source["iqn"], unknown)
    errors += lun(at, source.get("lun") or 0)
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        errors.append(required(at.child("secretRef")))
    if source.get("initiatorName") is not None:
        errors += _qualified(at.child("initiatorname"), source["initiatorName"], unknown)
    return errors


def initiator_too_long(source: Object, volume: str) -> bool:
    """Whether a volume's name makes too long a name of an iSCSI interface."""
    return source.get("initiatorName") is not None and len(f"{volume}:{source.get('targetPortal')}") > MAX_INITIATOR


def _qualified(at: Path, name: str, unknown: str) -> Errors:
    pattern = _IQN.get(name[:3])
    if pattern is None:
        return [invalid(at, name, unknown)]
    return [] if pattern.search(name) else [invalid(at, name, "must be valid format")]


def lun(at: Path, number: int) -> Errors:
    """The number of a logical unit; `at` is its source."""
    fits = 0 <= number <= MAX_LUN
    return [] if fits else [invalid(at.child("lun"), number, f"must be between 0 and {MAX_LUN}, inclusive")]


def fc(at: Path, source: Object) -> Errors:
    """World-wide names of targets with a LUN, or of the volume; not both."""
    targets, ids = source.get("targetWWNs"), source.get("wwids")
    errors: Errors = []
    if not targets and not ids:
        errors.append(required(at.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both"))
    if targets and ids:
        message = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(invalid(at.child("targetWWNs"), targets, message))
    if targets and source.get("lun") is None:
        errors.append(required(at.child("lun"), "lun is required if targetWWNs is specified"))
    elif targets:
        errors += lun(at, source["lun"])
    return errors


def _disk(field: str) -> Callable[[Path, Object], Errors]:
    """A cloud's disk and the partition of it."""

    def check(at: Path, source: Object) -> Errors:
        errors = wanted(at, source, field)
        number = source.get("partition") or 0
        if not 0 <= number <= MAX_PARTITION:
            errors.append(invalid(at.child("partition"), number, f"must be between 1 and {MAX_PARTITION}, inclusive"))
        return errors

    return check


def _git_repo(at: Path, source: Object) -> Errors:
    errors = wanted(at, source, "repository")
    where, directory = at.child("directory"), source.get("directory") or ""
    if directory.startswith("/"):
        errors.append(invalid(where, directory, "must be a relative path"))
    if ".." in directory.split("/"):
        errors.append(invalid(where, directory, "must not contain '..'"))
    return errors


def quobyte(at: Path, source: Object) -> Errors:
    """Registries as `host:port`, separated by commas."""
    registry, tenant = source.get("registry") or "", source.get("tenant") or ""
    form = "must be a host:port pair or multiple pairs separated by commas"
    errors: Errors = []
    if not registry:
        errors.append(required(at.child("registry"), form))
    elif len(tenant) >= MAX_TENANT:
        errors.append(required(at.child("tenant"), "must be a UUID and may not exceed a length of 64 characters"))
    else:
        pairs = [pair.rpartition(":") for pair in registry.split(",")]
        bad = [pair for pair in pairs if not pair[1] or (":" in pair[0] and not pair[0].startswith("["))]
        errors += [invalid(at.child("registry"), registry, form) for _ in bad]
    return errors + wanted(at, source, "volume")


def flocker(at: Path, source: Object) -> Errors:
    """A dataset by its name or by its UUID."""
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID")
    errors: Errors = []
    if not name and not uuid:
        errors.append(required(at, "one of datasetName and datasetUUID is required"))
    if name and uuid:
        errors.append(invalid(at, "resource", "datasetName and datasetUUID can not be specified simultaneously"))
    if "/" in name:
        errors.append(invalid(at.child("datasetName"), name, "must not contain '/'"))
    return errors


def flex_volume(at: Path, source: Object) -> Errors:
    """A driver; its options stay out of Kubernetes' own domains."""
    errors = wanted(at, source, "driver")
    for key in source.get("options") or ():
        domain = "." + key.partition("/")[0].lower()
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            why = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(invalid(at.child("options").key(key), key, why))
    return errors


def cinder(at: Path, source: Object) -> Errors:
    """A volume; a secret, if given, by name."""
    return wanted(at, source, "volumeID") + secret_name(at, source)


def storageos(at: Path, source: Object) -> Errors:
    """A volume by a name that is a label."""
    volume, namespace, where = source.get("volumeName"), source.get("volumeNamespace"), at.child("volumeName")
    errors = checks.by(where, volume, names.is_dns1123_label) if volume else [required(where)]
    errors += checks.by(at.child("volumeNamespace"), namespace, names.is_dns1123_label) if namespace else []
    return errors + secret_name(at, source)


def secret_name(at: Path, source: Object) -> Errors:
    """`secretRef`, where there is one, has a name."""
    ref = source.get("secretRef")
    return [] if ref is None else wanted(at.child("secretRef"), ref, "name")


def azure_disk(at: Path, source: Object) -> Errors:
    """A disk whose URI fits its kind."""
    uri, kind = source.get("diskURI") or "", source.get("kind")
    errors = wanted(at, source, "diskName", "diskURI")
    errors += checks.choice(at.child("cachingMode"), source.get("cachingMode"), ("None", "ReadOnly", "ReadWrite"))
    errors += checks.choice(at.child("kind"), kind, ("Dedicated", "Managed", "Shared"))
    managed = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
    blob = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        errors.append(not_supported(at.child("diskURI"), uri, [managed]))
    if kind is not None and kind != "Managed" and not uri.startswith("https://"):
        errors.append(not_supported(at.child("diskURI"), uri, [blob]))
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
        return [*errors, required(at.child("nodePublishSecretRef", "name"))]
    return errors + checks.by(at.child("name"), secret["name"], names.is_dns1123_subdomain)


SHARED: dict[str, Callable[[Path, Object], Errors]] = {
    "gitRepo": _git_repo,
    "gcePersistentDisk": _disk("pdName"),
    "awsElasticBlockStore": _disk("volumeID"),
    "nfs": nfs,
    "iscsi": iscsi,
    "glusterfs": _needs("endpoints", "path"),
    "flocker": flocker,
    "rbd": _needs("monitors", "image"),
    "cinder": cinder,
    "cephfs": _needs("monitors"),
    "quobyte": quobyte,
    "fc": fc,
    "flexVolume": flex_volume,
    "azureFile": _needs("secretName", "shareName"),
    "vsphereVolume": _needs("volumePath"),
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "azureDisk": azure_disk,
    "storageos": storageos,
    "scaleIO": _needs("gateway", "system", "volumeName"),
}
