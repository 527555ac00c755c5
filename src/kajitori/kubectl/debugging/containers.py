"""Debug containers and debug pods as objects: options and a pod in, objects out.

May import: kubectl.{flags,debugging.custom,debugging.profiles}.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.debugging import profiles
from kajitori.kubectl.debugging.custom import customized
from kajitori.kubectl.flags import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]


def container(opts: DebugOptions, name: str, style: str) -> Wire:
    """A new debug container with what its profile and `--custom` say; `style`: ``copy``, ``ephemeral`` or ``node``."""
    made = with_options(opts, {"name": name, "terminationMessagePolicy": "File"})
    profiles.applied_to_container(opts.profile, made, style)
    return customized(made, opts.partial)


def with_options(opts: DebugOptions, one: Wire) -> Wire:
    """A container with the command, the variables, the image and the streams that were asked for."""
    made = {key: value for key, value in one.items() if key not in ("stdin", "tty")}
    if opts.command and opts.arguments_only:
        made["args"] = list(opts.command)
    elif opts.command:
        made.pop("args", None)
        made["command"] = list(opts.command)
    if opts.env:
        made["env"] = [{"name": name, "value": value} for name, value in opts.variables.items()]
    if opts.image:
        made["image"] = opts.image
    if opts.image_pull_policy:
        made["imagePullPolicy"] = opts.image_pull_policy
    return made | ({"stdin": True} if opts.stdin else {}) | ({"tty": True} if opts.tty else {})


def node_pod(opts: DebugOptions, node: str, name: str, container_name: str) -> Wire:
    """A pod on the node, tolerating whatever keeps others off."""
    made = with_options(opts, {"name": container_name, "terminationMessagePolicy": "File"})
    profiles.applied_to_container(opts.profile, made, "node")
    spec: Wire = {"nodeName": node, "restartPolicy": "Never", "tolerations": [{"operator": "Exists"}]}
    profiles.applied_to_node_pod(opts.profile, spec, made)
    spec["containers"] = [customized(made, opts.partial)]
    labels = {"app.kubernetes.io/managed-by": "kubectl-debug"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}


def copied_pod(opts: DebugOptions, pod: Wire, fresh_name: Callable[[], str]) -> tuple[Wire, str]:
    """(the copy, its debug container's name). Raises UsageError for a container that is not there and has no image.

    Where only images are set there is no debug container, and nothing else of the pod changes.
    """
    meta, spec = pod["metadata"], copy.deepcopy(pod["spec"])
    spec.pop("ephemeralContainers", None)
    if not opts.same_node:
        spec.pop("nodeName", None)
    if "share-processes" in opts.given:
        spec["shareProcessNamespace"] = opts.share_processes
    images = opts.images
    for one in spec["containers"]:
        one["image"] = images.get(one["name"]) or images.get("*") or one["image"]
    kept = {key: copy.deepcopy(meta[key]) for key in ("labels", "annotations") if meta.get(key)}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": kept, "spec": spec}
    kept |= {"name": opts.copy_to, "namespace": meta["namespace"]}
    name = _put_container(opts, spec, fresh_name)
    if name:
        profiles.applied_to_copy(opts, made)
    return made, name


def _put_container(opts: DebugOptions, spec: Wire, fresh_name: Callable[[], str]) -> str:
    """Changes the container that `-c` names, or adds one; its name, empty where only images were set."""
    for field in ("containers", "initContainers"):
        for position, one in enumerate(spec.get(field) or ()):
            if one["name"] == opts.container:
                changed = with_options(opts, one)
                profiles.applied_to_container(opts.profile, changed, "copy")
                spec[field][position] = customized(changed, opts.partial)
                return opts.container
    if not opts.image:
        if opts.set_image:
            return ""
        raise UsageError("error: you must specify image when creating new container")
    name = opts.container or fresh_name()
    spec["containers"].append(container(opts, name, "copy"))
    return name
