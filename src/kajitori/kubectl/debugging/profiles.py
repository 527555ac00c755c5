"""What `--profile` of ``kubectl debug`` changes in a pod that is made for debugging.

Pure. May import: nothing of the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]
_NO_LONGER_ASKED = ("livenessProbe", "readinessProbe", "startupProbe")


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


def falls_short(pod: Wire, container: Wire) -> bool:
    """Whether what a profile grants is of no use, because the whole pod runs as somebody who is not root."""
    own = container.get("securityContext") or {}
    if not (pod["spec"].get("securityContext") or {}).get("runAsUser") or own.get("runAsUser") == 0:
        return False
    return bool(own.get("privileged") or (own.get("capabilities") or {}).get("add"))
