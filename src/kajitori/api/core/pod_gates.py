"""Fields of a pod spec whose feature gate is off by default in v1.34: they are dropped before anything looks at them.

As upstream drops them, in Pods and in pod templates: nothing is refused, the object is stored without the field. The
gates: ImageVolume, ContainerRestartRules, ContainerStopSignals, EnvFiles, HostnameOverride, PodCertificateRequest and
ClusterTrustBundleProjection. Pure, on wire dicts. May import: nothing of Kajitori.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def drop_disabled(spec: Object) -> None:
    """Change the spec in place."""
    spec.pop("hostnameOverride", None)
    images = {volume.get("name") for volume in spec.get("volumes") or () if volume.get("image") is not None}
    if images:
        spec["volumes"] = [volume for volume in spec["volumes"] if volume.get("name") not in images]
    for volume in spec.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            source.pop("clusterTrustBundle", None)
            source.pop("podCertificate", None)
    for field in CONTAINERS:
        for container in spec.get(field) or ():
            _container(container, images, is_init=field == "initContainers")


def _container(container: Object, images: set[Any], *, is_init: bool) -> None:
    if not (is_init and container.get("restartPolicy") == "Always"):
        container.pop("restartPolicy", None)
    container.pop("restartPolicyRules", None)
    if images and container.get("volumeMounts"):
        container["volumeMounts"] = [m for m in container["volumeMounts"] if m.get("name") not in images]
    lifecycle = container.get("lifecycle")
    if lifecycle and lifecycle.pop("stopSignal", None) is not None and not lifecycle:
        del container["lifecycle"]
    for variable in container.get("env") or ():
        (variable.get("valueFrom") or {}).pop("fileKeyRef", None)
