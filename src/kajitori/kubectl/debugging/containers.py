"""Debug containers and debug pods as objects. Pure: options and a pod in, objects out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]
_RESTRICTED: Wire = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(opts: DebugOptions, name: str, image: str, *, on_node: bool = False) -> Wire:
    """The debug container, with what its profile allows."""
    made: Wire = {"name": name, "image": image, "terminationMessagePolicy": "File"}
    if opts.image_pull_policy:
        made["imagePullPolicy"] = opts.image_pull_policy
    if opts.command:
        made["args" if opts.arguments_only else "command"] = list(opts.command)
    env = [dict(zip(("name", "value"), word.partition("=")[::2], strict=True)) for word in opts.env]
    if env:
        made["env"] = env
    if opts.stdin:
        made["stdin"] = True
    if opts.tty:
        made["tty"] = True
    context = security_context(opts.profile, on_node=on_node)
    if context:
        made["securityContext"] = context
    if on_node and opts.profile in ("legacy", "general", "sysadmin"):
        made["volumeMounts"] = [{"mountPath": "/host", "name": "host-root"}]
    return made


def security_context(profile: str, *, on_node: bool) -> Wire:
    """What a --profile allows the container; `on_node` where the target is a node. Raises for an unknown profile."""
    match profile:
        case "general" if not on_node:
            return {"capabilities": {"add": ["SYS_PTRACE"]}}
        case "baseline" | "legacy" | "general":
            return {}
        case "restricted":
            return copy.deepcopy(_RESTRICTED)
        case "netadmin":
            return {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}
        case "sysadmin":
            return {"privileged": True}
    raise UsageError(f"error: unknown profile: {profile}")


def node_pod(opts: DebugOptions, node: str, name: str, container_name: str) -> Wire:
    """A pod on the node, tolerating whatever keeps others off."""
    spec: Wire = {
        "nodeName": node,
        "restartPolicy": "Never",
        "tolerations": [{"operator": "Exists"}],
        "containers": [container(opts, container_name, opts.image, on_node=True)],
    }
    if opts.profile in ("legacy", "general", "sysadmin"):
        spec |= {"hostIPC": True, "hostNetwork": True, "hostPID": True}
        spec["volumes"] = [{"name": "host-root", "hostPath": {"path": "/"}}]
    elif opts.profile == "netadmin":
        spec |= {"hostIPC": True, "hostNetwork": True, "hostPID": True}
    labels = {"app.kubernetes.io/managed-by": "kubectl-debug"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}


def copied_pod(opts: DebugOptions, pod: Wire, container_name: str) -> tuple[Wire, str]:
    """(the copy, the container to attach to). Raises UsageError for a container that is not there.

    The legacy profile copies labels, annotations and probes too; the others leave them behind unless told to keep them.
    """
    legacy = opts.profile == "legacy"
    spec = copy.deepcopy(pod["spec"])
    spec.pop("ephemeralContainers", None)
    if not opts.same_node:
        spec.pop("nodeName", None)
    if not (legacy or opts.keep_init_containers):
        spec.pop("initContainers", None)
    for one in spec["containers"]:
        for kept, key in (
            (opts.keep_liveness, "livenessProbe"),
            (opts.keep_readiness, "readinessProbe"),
            (opts.keep_startup, "startupProbe"),
        ):
            if not (legacy or kept):
                one.pop(key, None)
    if "share-processes" in opts.given or not legacy:
        spec["shareProcessNamespace"] = opts.share_processes
    name = _put_container(opts, pod, spec, container_name)
    images = dict(word.partition("=")[::2] for word in opts.set_image)
    for one in (*(spec.get("initContainers") or ()), *spec["containers"]):
        one["image"] = images.get(one["name"], images.get("*", one["image"]))
    metadata: Wire = {"name": opts.copy_to, "namespace": pod["metadata"]["namespace"]}
    for kept, key in ((opts.keep_labels, "labels"), (opts.keep_annotations, "annotations")):
        if (legacy or kept) and pod["metadata"].get(key):
            metadata[key] = pod["metadata"][key]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, name


def _put_container(opts: DebugOptions, pod: Wire, spec: Wire, new_name: str) -> str:
    """Changes the container of that name, or adds a new one; its name."""
    for one in spec["containers"]:
        if one["name"] != opts.container:
            continue
        if opts.command:
            one.pop("args", None)
            one["args" if opts.arguments_only else "command"] = list(opts.command)
        one |= {"image": opts.image} if opts.image else {}
        one |= {"stdin": True} if opts.stdin else {}
        one |= {"tty": True} if opts.tty else {}
        return str(one["name"])
    if not opts.image:
        if opts.container:
            raise UsageError("error: you must specify an existing container or a new image when specifying args.")
        return str(spec["containers"][0]["name"])
    spec["containers"].append(container(opts, new_name, opts.image))
    return new_name
