"""The scale subresource of workloads: an autoscaling/v1 Scale over spec.replicas.

May import: api.autoscaling, customresources.scale, handlers.{apply,call,rendering}, objects, serving.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from kajitori.aiokit.http.message import Answer
from kajitori.api import schema as api_schema
from kajitori.api.autoscaling.resources import SCALE
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.customresources.scale import UNSET
from kajitori.apiserver.handlers.apply import require_manager
from kajitori.apiserver.handlers.call import Call, dumps
from kajitori.apiserver.handlers.rendering import shown
from kajitori.apiserver.objects.metadata import metadata_of
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.serving.decoding import decode_as, fit, media_type
from kajitori.apiserver.serving.patches import APPLY_PATCH, CUSTOM_PATCH_TYPES, patcher
from kajitori.machinery import fieldpath, managedfields
from kajitori.machinery.errors import BadRequest, Invalid, UnsupportedMediaType
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.labels import Selector
from kajitori.machinery.managedfields.entries import decode, encode

Object = dict[str, Any]
API_VERSION, KIND = "autoscaling/v1", "Scale"
_SPEC, _REPLICAS = "f:spec", "f:replicas"


class Scaling:
    """get, update and patch of scale."""

    def __init__(self, objects: ObjectStore, cacher: Cacher) -> None:
        self._objects = objects
        self._cacher = cacher

    async def handle(self, call: Call) -> Answer:
        """Any verb of the subresource."""
        info = call.info
        if info.verb == "get":
            await self._cacher.fresh()
            entry = self._objects.entry(call.resource, info.namespace, info.name)
            if call.resource.converter is not None:
                await call.resource.converter.prepare(call.resource, (entry,))
            return self._shown(call, self._objects.view(call.resource, entry))
        options = call.write_options()
        body = await call.body()
        if info.verb == "patch" and media_type(call.content_type) == APPLY_PATCH:
            return await self._apply(call, body, options)
        schema = api_schema.for_kind("autoscaling", "v1", KIND)

        def change(current: Object) -> Object:
            now = scale_of(current, call.resource.scale_paths, UNSET)
            if info.verb == "update":
                wanted = decode_as(
                    schema, API_VERSION, KIND, body, call.content_type, options.field_validation, options.warnings
                )
            else:
                wanted = _patched(call, body, now)
            return with_scale(current, wanted, now, call.resource.scale_paths)

        written = await self._objects.update(
            call.resource, info.namespace, info.name, change, options, subresource="scale"
        )
        return self._shown(call, orjson.loads(written.data), 0)

    def _shown(self, call: Call, workload: Object, missing: int | None = None) -> Answer:
        scale = scale_of(workload, call.resource.scale_paths, missing)
        return shown(call, SCALE, dumps(scale), self._objects.now)

    async def _apply(self, call: Call, body: bytes, options: WriteOptions) -> Answer:
        """Server-side apply of a Scale: its one field is the workload's spec.replicas, and so is its ownership."""
        require_manager(call)
        config = decode_as(
            api_schema.for_kind("autoscaling", "v1", KIND),
            API_VERSION,
            KIND,
            body,
            "application/yaml" if body.lstrip()[:1] != b"{" else "",
            options.field_validation,
            options.warnings,
        )
        info = call.info

        def change(current: Object) -> Object:
            now = scale_of(current, call.resource.scale_paths, UNSET)
            live = {**now, "metadata": {**now["metadata"], "managedFields": entries_of_scale(current)}}
            applied = managedfields.apply(
                live,
                config,
                options.field_manager,
                schema=api_schema.for_kind("autoscaling", "v1", KIND),
                blank=SCALE.strategy.blank(),
                api_version=API_VERSION,
                now=self._objects.now(),
                force=options.force,
                subresource="scale",
                reset={"f:status": {}},
            )
            version = metadata_of(config).get("resourceVersion")
            metadata_of(applied)["resourceVersion"] = version or now["metadata"]["resourceVersion"]
            changed = with_scale(current, applied, now, call.resource.scale_paths)
            entries = entries_with_scale(current, metadata_of(applied).get("managedFields") or [])
            changed["metadata"]["managedFields"] = entries
            return changed

        written = await self._objects.update(
            call.resource, info.namespace, info.name, change, options, subresource="scale", owned=True
        )
        return self._shown(call, orjson.loads(written.data), 0)


def entries_of_scale(workload: Object) -> list[Object]:
    """The managedFields of a workload as its Scale shows them: who owns spec.replicas."""
    found = []
    for entry in workload["metadata"].get("managedFields") or ():
        if _REPLICAS in ((entry.get("fieldsV1") or {}).get(_SPEC) or {}):
            found.append({**entry, "apiVersion": API_VERSION, "fieldsV1": {_SPEC: {_REPLICAS: {}}}})
    return found


def entries_with_scale(workload: Object, owners: list[Object]) -> list[Object]:
    """The workload's managedFields once the Scale's owners own spec.replicas, and nobody else."""
    entries: list[Object] = []
    left = {_owner(entry): entry for entry in owners}
    for entry in workload["metadata"].get("managedFields") or ():
        fields = entry.get("fieldsV1") or {}
        spec = {name: value for name, value in (fields.get(_SPEC) or {}).items() if name != _REPLICAS}
        if left.pop(_owner(entry), None):
            spec[_REPLICAS] = {}
        fields = {**fields, _SPEC: spec}
        if not spec:
            del fields[_SPEC]
        if fields:
            entries.append({**entry, "fieldsV1": fields})
    taken = [{**entry, "apiVersion": workload["apiVersion"]} for entry in left.values()]
    for entry in taken:
        entry.pop("time", None)
    return encode(decode(taken + entries))


def _owner(entry: Object) -> tuple[str, str, str]:
    return entry.get("manager", ""), entry.get("operation", ""), entry.get("subresource", "")


def _patched(call: Call, body: bytes, now: Object) -> Object:
    if call.resource.custom and media_type(call.content_type) not in CUSTOM_PATCH_TYPES:
        raise UnsupportedMediaType.of(CUSTOM_PATCH_TYPES)
    schema = api_schema.for_kind("autoscaling", "v1", KIND)
    patched = patcher(media_type(call.content_type), body, schema)(now)
    if not isinstance(patched, dict):
        raise BadRequest("the patch does not result in an object")
    fit(patched, schema, API_VERSION, KIND)
    return patched


def scale_of(obj: Object, paths: Mapping[str, str] | None = None, missing: int | None = None) -> Object:
    """The Scale view of a workload; a custom resource has to have replicas, if nothing is said for `missing`."""
    if paths is not None:
        from kajitori.apiserver.customresources.scale import scale_of as custom_scale_of

        return custom_scale_of(obj, paths, missing)
    meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    shown = {
        key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp") if key in meta
    }
    selector = spec.get("selector") or {}
    text = _selector_text(selector)
    scale: Object = {
        "kind": KIND,
        "apiVersion": API_VERSION,
        "metadata": shown,
        "spec": {"replicas": spec.get("replicas", 0)} if spec.get("replicas") else {},
        "status": {"replicas": status.get("replicas", 0)},
    }
    if text:
        scale["status"]["selector"] = text
    return scale


def _selector_text(selector: Object) -> str:
    """The selector as a string: `app=web`; a ReplicationController's is a plain map."""
    if selector.get("matchExpressions"):
        return str(Selector.from_label_selector(selector))
    return str(Selector.from_labels(selector.get("matchLabels", selector)))


def with_scale(current: Object, wanted: Object, now: Object, paths: Mapping[str, str] | None = None) -> Object:
    """The workload with the Scale's replicas. Raises Invalid."""
    meta = metadata_of(wanted)
    if meta.get("name", now["metadata"]["name"]) != now["metadata"]["name"]:
        raise BadRequest(
            f"the name of the object ({meta['name']}) does not match the name on the URL ({now['metadata']['name']})"
        )
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if replicas < 0 and paths is None:  # a custom resource's own strategy looks at them
        problem = fieldpath.invalid(Path("spec", "replicas"), replicas, "must be greater than or equal to 0")
        raise Invalid.of("autoscaling", KIND, now["metadata"]["name"], [problem])
    if meta.get("uid"):
        current["metadata"]["uid"] = meta["uid"]
    version = meta.get("resourceVersion")
    if version:
        current["metadata"]["resourceVersion"] = version
    if paths is not None:
        from kajitori.apiserver.customresources.scale import set_replicas

        set_replicas(current, replicas, paths)
    else:
        current.setdefault("spec", {})["replicas"] = replicas
    return current
