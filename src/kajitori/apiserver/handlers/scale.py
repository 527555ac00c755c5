"""The scale subresource of workloads: an autoscaling/v1 Scale over spec.replicas.

May import: handlers.call, objects."""

from typing import Any

import orjson

from kajitori.aiokit.http.message import Answer
from kajitori.api import schema as api_schema
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.handlers.call import Call, dumps
from kajitori.apiserver.handlers.write import APPLY_PATCH, patcher
from kajitori.apiserver.objects.metadata import metadata_of
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.serving.decoding import decode_as, fit, media_type, parse_yaml
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, Invalid
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.labels import Selector

Object = dict[str, Any]
API_VERSION, KIND = "autoscaling/v1", "Scale"


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
            return call.respond(dumps(scale_of(self._objects.view(call.resource, entry))))
        options = call.write_options()
        body = await call.body()
        schema = api_schema.for_kind("autoscaling", "v1", KIND)

        def change(current: Object) -> Object:
            now = scale_of(current)
            if info.verb == "update":
                wanted = decode_as(
                    schema, API_VERSION, KIND, body, call.content_type, options.field_validation, options.warnings
                )
            else:
                wanted = _patched(call, body, now)
            return with_scale(current, wanted, now)

        written = await self._objects.update(
            call.resource, info.namespace, info.name, change, options, subresource="scale"
        )
        return call.respond(dumps(scale_of(orjson.loads(written.data))))


def _patched(call: Call, body: bytes, now: Object) -> Object:
    schema = api_schema.for_kind("autoscaling", "v1", KIND)
    kind = media_type(call.content_type)
    if kind == APPLY_PATCH:
        given = parse_yaml(body)
        patched = {**now, "spec": {**now["spec"], **(given.get("spec") or {})}}
    else:
        patched = patcher(kind, body, schema)(now)
    if not isinstance(patched, dict):
        raise BadRequest("the patch does not result in an object")
    fit(patched, schema, API_VERSION, KIND)
    return patched


def scale_of(obj: Object) -> Object:
    """The Scale view of a workload."""
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


def with_scale(current: Object, wanted: Object, now: Object) -> Object:
    """The workload with the Scale's replicas. Raises Invalid."""
    meta = metadata_of(wanted)
    if meta.get("name", now["metadata"]["name"]) != now["metadata"]["name"]:
        raise BadRequest(
            f"the name of the object ({meta['name']}) does not match the name on the URL ({now['metadata']['name']})"
        )
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if replicas < 0:
        problem = fieldpath.invalid(Path("spec", "replicas"), replicas, "must be greater than or equal to 0")
        raise Invalid.of("autoscaling", KIND, now["metadata"]["name"], [problem])
    version = meta.get("resourceVersion")
    if version:
        current["metadata"]["resourceVersion"] = version
    current.setdefault("spec", {})["replicas"] = replicas
    return current
