"""Defaults of pod specs and what they contain; also for the pod templates of other groups. Pure, on wire dicts.

The rules are those of upstream's core/v1 defaulting. May import: api.core.{image_names,pod_gates,pod_resources}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kajitori.api.core.image_names import pull_policy
from kajitori.api.core.pod_gates import drop_disabled
from kajitori.api.core.pod_resources import default_requests

Object = dict[str, Any]
DEFAULT_MODE = 0o644
TOKEN_LIFETIME_S = 3600


def pod(obj: Object) -> None:
    """A Pod: its spec, and requests that a container states only as limits."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("enableServiceLinks", True)
    pod_spec(spec)
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        requests_from_limits(container)
    default_requests(spec)


def pod_template(template: Object | None) -> None:
    """The template of a workload."""
    if template is not None:
        template.setdefault("metadata", {})
        pod_spec(template.setdefault("spec", {}))


def pod_spec(spec: Object) -> None:
    """A Pod's spec or a template's, containers and volumes included. Fields of features that are off are dropped."""
    drop_disabled(spec)
    spec["restartPolicy"] = spec.get("restartPolicy") or "Always"
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec["dnsPolicy"] = spec.get("dnsPolicy") or "ClusterFirst"
    spec.setdefault("securityContext", {})
    spec["schedulerName"] = spec.get("schedulerName") or "default-scheduler"
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:  # the deprecated alias always equals the field
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for one in spec.get(field) or ():
            container(one, is_ephemeral=field == "ephemeralContainers")
    if spec.get("hostNetwork"):
        _host_ports(spec)
    for one in spec.get("volumes") or ():
        volume(one)


def _host_ports(spec: Object) -> None:
    for field in ("containers", "initContainers"):
        for one in spec.get(field) or ():
            for port in one.get("ports") or ():
                if not port.get("hostPort") and port.get("containerPort"):
                    port["hostPort"] = port["containerPort"]


def container(obj: Object, *, is_ephemeral: bool = False) -> None:
    """`is_ephemeral`: an ephemeral container has neither probes nor hooks to fill in."""
    obj.setdefault("resources", {})
    obj["terminationMessagePath"] = obj.get("terminationMessagePath") or "/dev/termination-log"
    obj["terminationMessagePolicy"] = obj.get("terminationMessagePolicy") or "File"
    if not obj.get("imagePullPolicy"):
        obj["imagePullPolicy"] = pull_policy(obj.get("image") or "")
    for port in obj.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in obj.get("env") or ():
        field_ref((variable.get("valueFrom") or {}).get("fieldRef"))
    if is_ephemeral:
        return
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe(obj.get(field))
    for hook in (obj.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            http_get(hook.get("httpGet"))


def requests_from_limits(container: Object) -> None:
    """What is limited and not requested is requested as limited."""
    resources = container.get("resources") or {}
    limits = resources.get("limits")
    if limits:
        requests = resources.setdefault("requests", {})
        for name, quantity in limits.items():
            requests.setdefault(name, quantity)


def probe(obj: Object | None) -> None:
    """None is left alone; zero counts as not given, as in Go."""
    if obj is None:
        return
    for field, value in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        if not obj.get(field):
            obj[field] = value
    http_get(obj.get("httpGet"))
    if obj.get("grpc") is not None:
        obj["grpc"].setdefault("service", "")


def http_get(obj: Object | None) -> None:
    """Of a probe's or hook's `httpGet`."""
    if obj is not None:
        obj["path"] = obj.get("path") or "/"
        obj["scheme"] = obj.get("scheme") or "HTTP"


def field_ref(obj: Object | None) -> None:
    """Of the downward API's `fieldRef`."""
    if obj is not None and not obj.get("apiVersion"):
        obj["apiVersion"] = "v1"


def volume(obj: Object) -> None:
    """A volume without a source is an `emptyDir`; otherwise the defaults of its source."""
    sources = [key for key in obj if key != "name" and obj[key] is not None]
    if not sources:
        obj["emptyDir"] = {}
        return
    for source in sources:
        volume_source(source, obj[source])


def volume_source(name: str, source: Any) -> None:
    """The defaults of one source of a volume, a Pod's or a PersistentVolume; other fields are left alone."""
    default = _VOLUMES.get(name)
    if default is not None and isinstance(source, dict):
        default(source)


def _with_mode(source: Object) -> None:
    source.setdefault("defaultMode", DEFAULT_MODE)


def _downward(source: Object) -> None:
    source.setdefault("defaultMode", DEFAULT_MODE)
    for item in source.get("items") or ():
        field_ref(item.get("fieldRef"))


def _projected(source: Object) -> None:
    source.setdefault("defaultMode", DEFAULT_MODE)
    for part in source.get("sources") or ():
        for item in (part.get("downwardAPI") or {}).get("items") or ():
            field_ref(item.get("fieldRef"))
        token = part.get("serviceAccountToken")
        if token is not None:
            token.setdefault("expirationSeconds", TOKEN_LIFETIME_S)


def _host_path(source: Object) -> None:
    source.setdefault("type", "")


def _iscsi(source: Object) -> None:
    source["iscsiInterface"] = source.get("iscsiInterface") or "default"


def _rbd(source: Object) -> None:
    for field, value in (("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")):
        source[field] = source.get(field) or value


def _azure_disk(source: Object) -> None:
    for field, value in (("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4"), ("readOnly", False)):
        source.setdefault(field, value)


def _scale_io(source: Object) -> None:
    for field, value in (("storageMode", "ThinProvisioned"), ("fsType", "xfs")):
        source[field] = source.get(field) or value


def _ephemeral(source: Object) -> None:
    template = source.get("volumeClaimTemplate")
    if template is not None:
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _image(source: Object) -> None:
    if not source.get("pullPolicy"):
        source["pullPolicy"] = pull_policy(source.get("reference") or "")


_VOLUMES: dict[str, Callable[[Object], None]] = {
    "secret": _with_mode,
    "configMap": _with_mode,
    "downwardAPI": _downward,
    "projected": _projected,
    "hostPath": _host_path,
    "iscsi": _iscsi,
    "rbd": _rbd,
    "azureDisk": _azure_disk,
    "scaleIO": _scale_io,
    "ephemeral": _ephemeral,
    "image": _image,
}


def all_containers(spec: Object) -> Iterator[Object]:
    """Init, main and ephemeral containers of a pod spec, in this order."""
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()
