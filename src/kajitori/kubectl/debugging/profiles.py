"""What `--profile` and `--custom` of ``kubectl debug`` change in a pod that is made for debugging.

Pure but for `custom_of`, which reads the file. May import: machinery.patch, api.schema (late), kubectl.flags.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]
_NO_LONGER_ASKED = ("livenessProbe", "readinessProbe", "startupProbe")
_NOT_CUSTOM = ("name", "command", "image", "lifecycle", "volumeDevices")


def applied_to_container(profile: str, container: Wire, style: str) -> None:
    """Changes the debug container as its profile asks; `style` is ``copy``, ``ephemeral`` or ``node``."""
    if profile in ("baseline", "restricted") or (profile == "general" and style == "node"):
        container.pop("securityContext", None)
    match profile:
        case "general" if style != "node":
            _add_capabilities(container, "SYS_PTRACE")
        case "netadmin":
            _add_capabilities(container, "NET_ADMIN", "NET_RAW")
        case "sysadmin":
            container.setdefault("securityContext", {})["privileged"] = True
        case "restricted":
            container["securityContext"] = {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            }


def _add_capabilities(container: Wire, *names: str) -> None:
    added = container.setdefault("securityContext", {}).setdefault("capabilities", {})
    added["add"] = [*(added.get("add") or ()), *names]


def applied_to_node_pod(profile: str, spec: Wire, container: Wire) -> None:
    """The node's own namespaces and its files, where the profile gives them."""
    if profile in ("legacy", "general", "sysadmin", "netadmin"):
        spec |= {"hostIPC": True, "hostNetwork": True, "hostPID": True}
    if profile in ("legacy", "general", "sysadmin"):
        spec["volumes"] = [{"name": "host-root", "hostPath": {"path": "/"}}]
        container["volumeMounts"] = [{"mountPath": "/host", "name": "host-root"}]


def applied_to_copy(opts: DebugOptions, pod: Wire) -> None:
    """A copy must not be taken for the original: it loses its labels, and by all but legacy what acts on it."""
    metadata, spec = pod["metadata"], pod["spec"]
    if opts.profile == "legacy":
        metadata.pop("labels", None)
        return
    if not opts.keep_labels:
        metadata.pop("labels", None)
    if not opts.keep_annotations:
        metadata.pop("annotations", None)
    if not opts.keep_init_containers:
        spec.pop("initContainers", None)
    for kept, key in zip((opts.keep_liveness, opts.keep_readiness, opts.keep_startup), _NO_LONGER_ASKED, strict=True):
        for one in spec["containers"] if not kept else ():
            one.pop(key, None)
    spec.setdefault("shareProcessNamespace", True)


def custom_of(path: str) -> Wire:
    """The container that a `--custom` file holds. Raises UsageError for a file that is none, or that says too much."""
    from kajitori.machinery.goyaml import load

    try:
        text = Path(path).read_text()
    except OSError as error:
        why = f"open {path}: {(error.strerror or '').lower()}"
        raise UsageError(f"error: must pass a container spec json file for custom profile: {why}") from None
    try:
        custom = load(text)
    except ValueError as error:
        raise UsageError(f"error: {path} does not contain a valid container spec: {error}") from None
    if not isinstance(custom, dict):
        raise UsageError(f"error: {path} does not contain a valid container spec: it is no object")
    if any(custom.get(key) for key in _NOT_CUSTOM):
        raise UsageError(
            "error: name, command, image, lifecycle and volume devices are not modifiable via custom profile"
        )
    return custom


def customized(container: Wire, custom: Wire) -> Wire:
    """The container with a partial one put over it, lists merged by their keys. Raises UsageError where that fails."""
    from kajitori.api import schema
    from kajitori.machinery.patch import PatchError, strategic

    pod = {"spec": {"containers": [container]}}
    patch = {"spec": {"containers": [custom | {"name": container["name"]}]}}
    try:
        made = strategic.apply(pod, patch, schema.for_kind("", "v1", "Pod"))
    except PatchError as error:
        raise UsageError(f"error: error creating three way patch to add debug container: {error}") from None
    result: Wire = made["spec"]["containers"][0]
    return result


def falls_short(pod: Wire, container: Wire) -> bool:
    """Whether what a profile grants is of no use, because the whole pod runs as somebody who is not root."""
    own = container.get("securityContext") or {}
    if not (pod["spec"].get("securityContext") or {}).get("runAsUser") or own.get("runAsUser") == 0:
        return False
    return bool(own.get("privileged") or (own.get("capabilities") or {}).get("add"))
