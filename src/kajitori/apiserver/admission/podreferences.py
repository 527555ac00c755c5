"""Which other object of the API a Pod needs, if any: what a node's own Pods must do without. Pure.

May import: admission.serviceaccount (which secrets a Pod names).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kajitori.apiserver.admission.serviceaccount import secret_names

Object = dict[str, Any]
_VOLUMES = {
    "configMap": "configmaps (via configmap volumes)",
    "secret": "secrets (via secret volumes)",
    "csi": "csidrivers (via CSI volumes)",
    "glusterfs": "endpoints (via glusterFS volumes)",
    "persistentVolumeClaim": "persistentvolumeclaims",
    "ephemeral": "persistentvolumeclaims (via ephemeral volumes)",
    "azureFile": "secrets (via azureFile volumes)",
}
_PROJECTED = {
    "configMap": "configmaps (via projected volumes)",
    "secret": "secrets (via projected volumes)",
    "serviceAccountToken": "serviceaccounts (via projected volumes)",
    "clusterTrustBundle": "clustertrustbundles",
    "podCertificate": "podcertificates",
}
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def api_reference(spec: Object) -> str:
    """The first kind of object that the Pod's spec mentions, in upstream's words; "" if it needs none."""
    if spec.get("serviceAccountName"):
        return "serviceaccounts"
    if any(True for _ in secret_names(spec)) or any(True for _ in _volume_secrets(spec)):
        return "secrets"
    if any(True for _ in _configmaps(spec)):
        return "configmaps"
    if spec.get("resourceClaims"):
        return "resourceclaims"
    for volume in spec.get("volumes") or ():
        found = _of_volume(volume)
        if found:
            return found
    return ""


def _of_volume(volume: Object) -> str:
    for source, what in _VOLUMES.items():
        if volume.get(source) is not None:
            return what
    for projected in (volume.get("projected") or {}).get("sources") or ():
        for source, what in _PROJECTED.items():
            if projected.get(source) is not None:
                return what
    return ""


def _volume_secrets(spec: Object) -> Iterator[str]:
    """Secrets that drivers of volumes are given."""
    for volume in spec.get("volumes") or ():
        for source in volume.values():
            if isinstance(source, dict):
                for field in ("secretRef", "nodePublishSecretRef"):
                    if (source.get(field) or {}).get("name"):
                        yield source[field]["name"]
        if (volume.get("azureFile") or {}).get("secretName"):
            yield volume["azureFile"]["secretName"]


def _configmaps(spec: Object) -> Iterator[str]:
    for volume in spec.get("volumes") or ():
        sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
        yield from (source["configMap"].get("name", "") for source in sources if source.get("configMap"))
    for field in _CONTAINERS:
        for container in spec.get(field) or ():
            for variable in container.get("env") or ():
                if (variable.get("valueFrom") or {}).get("configMapKeyRef"):
                    yield variable["valueFrom"]["configMapKeyRef"].get("name", "")
            yield from (
                one["configMapRef"].get("name", "") for one in container.get("envFrom") or () if one.get("configMapRef")
            )
