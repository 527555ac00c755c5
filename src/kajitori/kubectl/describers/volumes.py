"""The volumes of pods and the sources of persistent volumes: for each kind of source, which fields under which titles.

Pure. May import: kubectl.describers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kajitori.kubectl.describers.claims import write_claim
from kajitori.kubectl.describers.marks import shortened
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, dig, lower, shown

Value = Callable[[Wire], str]


@dataclass(frozen=True)
class Source:
    """`fields` are (title, value): a value is a key of the source or a function of it."""

    type: str
    fields: tuple[tuple[str, str | Value], ...] = ()
    more: Callable[[Page, Wire], None] | None = None

    def write(self, page: Page, source: Wire) -> None:
        """`source` is what stands under the source's key, `hostPath` say."""
        page.row(2, "Type:", self.type)
        for title, value in self.fields:
            page.row(2, f"{title}:" if not title.endswith(" ") else f"{title.strip()}: ", _value(source, value))
        if self.more:
            self.more(page, source)


def _value(source: Wire, value: str | Value) -> str:
    if callable(value):
        return value(source)
    found = source.get(value)
    return "" if found is None else shown(found)


def flag_of(key: str) -> Value:
    return lambda source: lower(source.get(key))


def number_of(key: str) -> Value:
    return lambda source: str(source.get(key) or 0)


def list_of(key: str) -> Value:
    return lambda source: shown(source.get(key) or [])


def reference_of(key: str) -> Value:
    """A pointer to a reference, as Go prints one."""

    def text(source: Wire) -> str:
        reference = source.get(key)
        if reference is None:
            return "nil"
        fields = [f"Name:{reference.get('name', '')}"]
        fields += [f"Namespace:{reference['namespace']}"] if "namespace" in reference else []
        return (
            "&LocalObjectReference{" + ",".join(fields) + ",}"
            if len(fields) == 1
            else ("&SecretReference{" + ",".join(fields) + ",}")
        )

    return text


def default_of(key: str, default: str) -> Value:
    return lambda source: default if source.get(key) is None else str(source[key])


READ_ONLY = ("ReadOnly", flag_of("readOnly"))
FS_TYPE = ("FSType", "fsType")


def _size_limit(source: Wire) -> str:
    limit = source.get("sizeLimit")
    return "<unset>" if limit in (None, "", "0", 0) else amount(limit)


def _projected(page: Page, source: Wire) -> None:
    for one in source.get("sources") or ():
        if one.get("secret") is not None:
            page.row(2, "SecretName:", one["secret"].get("name", ""))
            page.row(2, "Optional:", lower(one["secret"].get("optional")))
        elif one.get("downwardAPI") is not None:
            page.row(2, "DownwardAPI:", "true")
        elif one.get("configMap") is not None:
            page.row(2, "ConfigMapName:", one["configMap"].get("name", ""))
            page.row(2, "Optional:", lower(one["configMap"].get("optional")))
        elif one.get("serviceAccountToken") is not None:
            page.row(2, "TokenExpirationSeconds:", one["serviceAccountToken"].get("expirationSeconds", 3600))


def _downward(page: Page, source: Wire) -> None:
    page.row(2, "Items:")
    for item in source.get("items") or ():
        if item.get("fieldRef"):
            page.row(3, f"{item['fieldRef'].get('fieldPath', '')} -> {item.get('path', '')}")
        if item.get("resourceFieldRef"):
            page.row(3, f"{item['resourceFieldRef'].get('resource', '')} -> {item.get('path', '')}")


def _attributes(page: Page, source: Wire) -> None:
    page.write(2, "VolumeAttributes:\t")
    values = source.get("volumeAttributes") or {}
    if not values:
        page.end("<none>")
        return
    for position, key in enumerate(sorted(values)):
        if position:
            page.write(2, "")
            page.write(2, "\t")
        page.write(2, shortened(f"{key}={values[key]}", 140) + "\n")


def _ephemeral(page: Page, source: Wire) -> None:
    template = source.get("volumeClaimTemplate")
    if template is not None:
        write_claim(
            page.nested(2), {"metadata": template.get("metadata") or {}, "spec": template.get("spec") or {}}, full=False
        )


_ISCSI = (
    ("TargetPortal", "targetPortal"), ("IQN", "iqn"), ("Lun", number_of("lun")), ("ISCSIInterface", "iscsiInterface"),
    FS_TYPE, READ_ONLY, ("Portals", list_of("portals")), ("DiscoveryCHAPAuth", flag_of("chapAuthDiscovery")),
    ("SessionCHAPAuth", flag_of("chapAuthSession")), ("SecretRef", reference_of("secretRef")),
    ("InitiatorName", default_of("initiatorName", "<none>")),
)  # fmt: skip

SOURCES: dict[str, Source] = {
    "hostPath": Source(
        "HostPath (bare host directory volume)",
        (("Path", "path"), ("HostPathType", default_of("type", "<none>"))),
    ),
    "emptyDir": Source(
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium", "medium"), ("SizeLimit", _size_limit)),
    ),
    "gcePersistentDisk": Source(
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        (("PDName", "pdName"), FS_TYPE, ("Partition", number_of("partition")), READ_ONLY),
    ),
    "awsElasticBlockStore": Source(
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        (("VolumeID", "volumeID"), FS_TYPE, ("Partition", number_of("partition")), READ_ONLY),
    ),
    "gitRepo": Source(
        "GitRepo (a volume that is pulled from git when the pod is created)",
        (("Repository", "repository"), ("Revision", "revision")),
    ),
    "secret": Source(
        "Secret (a volume populated by a Secret)", (("SecretName", "secretName"), ("Optional", flag_of("optional")))
    ),
    "configMap": Source(
        "ConfigMap (a volume populated by a ConfigMap)", (("Name", "name"), ("Optional", flag_of("optional")))
    ),
    "nfs": Source(
        "NFS (an NFS mount that lasts the lifetime of a pod)", (("Server", "server"), ("Path", "path"), READ_ONLY)
    ),
    "iscsi": Source(
        "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
        _ISCSI,
    ),
    "glusterfs": Source(
        "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        (("EndpointsName", "endpoints"), ("Path", "path"), READ_ONLY),
    ),
    "persistentVolumeClaim": Source(
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", "claimName"), READ_ONLY),
    ),
    "ephemeral": Source(
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
        more=_ephemeral,
    ),
    "downwardAPI": Source("DownwardAPI (a volume populated by information about the pod)", more=_downward),
    "vsphereVolume": Source(
        "vSphereVolume (a Persistent Disk resource in vSphere)",
        (("VolumePath", "volumePath"), FS_TYPE, ("StoragePolicyName", "storagePolicyName")),
    ),
    "cinder": Source(
        "Cinder (a Persistent Disk resource in OpenStack)",
        (("VolumeID", "volumeID"), FS_TYPE, READ_ONLY, ("SecretRef", reference_of("secretRef"))),
    ),
    "cephfs": Source(
        "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
        (
            ("Monitors", list_of("monitors")), ("Path", "path"), ("User", "user"), ("SecretFile", "secretFile"),
            ("SecretRef", reference_of("secretRef")), READ_ONLY,
        ),
    ),
    "rbd": Source(
        "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)",
        (
            ("CephMonitors", list_of("monitors")), ("RBDImage", "image"), FS_TYPE, ("RBDPool", "pool"),
            ("RadosUser", "user"), ("Keyring", "keyring"), ("SecretRef", reference_of("secretRef")), READ_ONLY,
        ),
    ),
    "fc": Source(
        "FC (a Fibre Channel disk)",
        (
            ("TargetWWNs", lambda source: ", ".join(source.get("targetWWNs") or ())),
            ("LUN", default_of("lun", "<none>")), FS_TYPE, READ_ONLY,
        ),
    ),
    "azureDisk": Source(
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        (
            ("DiskName", "diskName"), ("DiskURI", "diskURI"), ("Kind ", "kind"), FS_TYPE,
            ("CachingMode", "cachingMode"), READ_ONLY,
        ),
    ),
    "azureFile": Source(
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        (("SecretName", "secretName"), ("ShareName", "shareName"), READ_ONLY),
    ),
    "flexVolume": Source(
        "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)",
        (
            ("Driver", "driver"), FS_TYPE, ("SecretRef", reference_of("secretRef")), READ_ONLY,
            ("Options", lambda source: shown(source.get("options") or {})),
        ),
    ),
    "projected": Source(
        "Projected (a volume that contains injected data from multiple sources)", more=_projected
    ),
    "csi": Source(
        "CSI (a Container Storage Interface (CSI) volume source)",
        (("Driver", "driver"), FS_TYPE, READ_ONLY),
        _attributes,
    ),
    "image": Source(
        "Image (a container image or OCI artifact)", (("Reference", "reference"), ("PullPolicy", "pullPolicy"))
    ),
}  # fmt: skip

PERSISTENT: dict[str, Source] = SOURCES | {
    "local": Source("LocalVolume (a persistent volume backed by local storage on a node)", (("Path", "path"),)),
    "glusterfs": Source(
        "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
        (
            ("EndpointsName", "endpoints"),
            ("EndpointsNamespace", default_of("endpointsNamespace", "<unset>")),
            ("Path", "path"),
            READ_ONLY,
        ),
    ),
    "azureFile": Source(
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        (("SecretName", "secretName"), ("SecretNamespace", "secretNamespace"), ("ShareName", "shareName"), READ_ONLY),
    ),
    "csi": Source(
        "CSI (a Container Storage Interface (CSI) volume source)",
        (("Driver", "driver"), FS_TYPE, ("VolumeHandle", "volumeHandle"), READ_ONLY),
        _attributes,
    ),
}


def write_volumes(page: Page, volumes: list[Wire] | None, indent: str = "") -> None:
    """The Volumes section of a pod, or of a template when there is an indent."""
    if not volumes:
        page.row(0, f"{indent}Volumes:", "<none>")
        return
    page.row(0, f"{indent}Volumes:")
    for volume in volumes:
        page.row(1, f"{' ' if indent else ''}{volume.get('name', '')}:")
        write_source(page, volume, SOURCES)


def write_source(page: Page, holder: Wire, known: dict[str, Source]) -> None:
    """The first of the known sources that `holder` (a volume, a PersistentVolume's spec) has."""
    for key, source in known.items():
        if holder.get(key) is not None:
            source.write(page, dig(holder, key, default={}))
            return
    page.row(1, "<unknown>")
