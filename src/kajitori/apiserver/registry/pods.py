"""Pods' own subresources: binding, eviction, ephemeralcontainers, resize.

The rules are plain functions on wire dicts; the class reads bodies and writes through the registry.
May import: hooks, deps, registry.body, registry.eviction, api.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from kajitori.api.core import pod_defaults
from kajitori.api.core.ephemeral_containers import ephemeral_errors
from kajitori.api.core.pod_resize import resize_errors, take_resources
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.registry.body import admitted, edit, read_object
from kajitori.apiserver.registry.conditions import set_condition
from kajitori.apiserver.registry.eviction import Eviction
from kajitori.machinery.errors import BadRequest, Conflict, Invalid, NotFound
from kajitori.machinery.fieldpath import FieldError, Path, not_supported, required
from kajitori.machinery.times import format_time

Object = dict[str, Any]
SUCCESS: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


class PodHooks(RegistryHooks):
    """Pods' subresources that are served here; streams are proxying's."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._eviction = Eviction(deps)

    def subresources(self) -> Mapping[str, SubresourceHandler]:
        return {
            "binding": self.bind,
            "eviction": self._eviction.evict,
            "ephemeralcontainers": self.ephemeral_containers,
            "resize": self.resize,
        }

    async def bind(self, request: SubresourceRequest) -> Object:
        """`pods/binding`, and a create of `bindings` itself; returns a Status.

        Raises Conflict if the Pod has a node.
        """
        binding = await read_object(request, "Binding")
        name = request.info.name or str((binding.get("metadata") or {}).get("name") or "")
        given = (binding.get("metadata") or {}).get("name")
        if not name:
            raise BadRequest("Name parameter required.")
        if given and given != name:
            raise BadRequest("name in URL does not match name in Binding object")
        errors = binding_errors(binding)
        if errors:
            raise Invalid.of("", "Binding", name, errors)
        binding = await admitted(request, binding)
        node = str(binding["target"]["name"])
        now = format_time(self._deps.clock.now())

        def assign(pod: Object) -> None:
            bind_pod(pod, binding, node=node, now=now)

        await self._deps.writer.guaranteed_update(
            "",
            "pods",
            request.info.namespace,
            name,
            assign,
            subresource="binding",
            user=request.user,
            dry_run=request.dry_run,
        )
        return SUCCESS

    async def ephemeral_containers(self, request: SubresourceRequest) -> Object:
        """Reads or replaces the ephemeral containers alone."""
        return await self._edit_part(request, set_ephemeral_containers)

    async def resize(self, request: SubresourceRequest) -> Object:
        """Reads or replaces the containers' resources and resize policies alone (KEP-1287)."""
        return await self._edit_part(request, set_resources)

    async def _edit_part(self, request: SubresourceRequest, merge: Callable[[Object, Object], None]) -> Object:
        info = request.info
        if info.verb == "get":
            pod = self._deps.reader.get("", "pods", info.namespace, info.name)
            if pod is None:
                raise NotFound.of("", "pods", info.name)
            return pod
        change = await edit(request)

        def apply(pod: Object) -> None:
            edited = change(copy.deepcopy(pod))
            merge(pod, edited)
            version = (edited.get("metadata") or {}).get("resourceVersion")
            if version:  # for the store to compare: an older one is a conflict
                pod["metadata"]["resourceVersion"] = version

        return await self._deps.writer.guaranteed_update(
            "",
            "pods",
            info.namespace,
            info.name,
            apply,
            subresource=info.subresource,
            user=request.user,
            dry_run=request.dry_run,
        )


class BindingHooks(RegistryHooks):
    """`POST …/bindings`, the old way to bind: the Pod is named in the body."""

    def __init__(self, pods: PodHooks) -> None:
        self._pods = pods

    def intercept_create(self) -> SubresourceHandler:
        return self._pods.bind


def binding_errors(binding: Object) -> list[FieldError]:
    """The target is a Node, by name."""
    target = binding.get("target") or {}
    errors = []
    if target.get("kind") not in (None, "", "Node"):
        errors.append(not_supported(Path("target", "kind"), target["kind"], ["Node", "<empty>"]))
    if not target.get("name"):
        errors.append(required(Path("target", "name"), ""))
    return errors


def bind_pod(pod: Object, binding: Object, *, node: str, now: str) -> None:
    """Assign the Pod, with the binding's labels and annotations, or raise Conflict."""
    metadata, spec = pod["metadata"], pod["spec"]
    name = metadata["name"]
    wanted = binding.get("metadata") or {}
    if wanted.get("uid") and wanted["uid"] != metadata.get("uid"):
        why = f"Precondition failed: UID in precondition: {wanted['uid']}, UID in object meta: {metadata.get('uid')}"
        raise Conflict.of("", "pods/binding", name, why)
    if metadata.get("deletionTimestamp"):
        raise Conflict.of("", "pods/binding", name, f"pod {name} is being deleted, cannot be assigned to a host")
    if spec.get("nodeName"):
        why = f'pod {name} is already assigned to node "{spec["nodeName"]}"'
        raise Conflict.of("", "pods/binding", name, why)
    if spec.get("schedulingGates"):
        raise Conflict.of("", "pods/binding", name, f"pod {name} has non-empty .spec.schedulingGates")
    spec["nodeName"] = node
    for field in ("annotations", "labels"):
        if wanted.get(field):
            metadata[field] = {**(metadata.get(field) or {}), **wanted[field]}
    set_condition(pod, {"type": "PodScheduled", "status": "True"}, now)


def set_ephemeral_containers(pod: Object, edited: Object) -> None:
    """Take over the edited ephemeral containers: existing ones may not change or go."""
    pod_defaults.pod_spec(pod["spec"])
    wanted = (edited.get("spec") or {}).get("ephemeralContainers") or []
    changed = {**pod, "spec": {**pod["spec"], "ephemeralContainers": wanted}}
    pod_defaults.pod_spec(changed["spec"])
    errors = ephemeral_errors(changed, pod["spec"].get("ephemeralContainers") or ())
    if errors:
        raise Invalid.of("", "Pod", pod["metadata"]["name"], errors)
    pod["spec"]["ephemeralContainers"] = wanted


def set_resources(pod: Object, edited: Object) -> None:
    """Take over containers' resources and resize policies, and nothing else (in-place resize, KEP-1287)."""
    old = copy.deepcopy(pod)
    take_resources(pod, edited)
    errors = resize_errors(pod, old, edited)
    if errors:
        raise Invalid.of("", "Pod", pod["metadata"]["name"], errors)
