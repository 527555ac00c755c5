"""Server-side apply over an ObjectStore: a configuration is merged into the object, or becomes it.

May import: objects.{metadata,options,store}.
"""

from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.objects import metadata
from kajitori.apiserver.objects.options import WriteOptions, Written
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.machinery.errors import BadRequest, Conflict, NotFound

Object = dict[str, Any]


async def apply(
    objects: ObjectStore,
    resource: Resource,
    namespace: str,
    name: str,
    config: Object,
    options: WriteOptions,
    *,
    subresource: str = "",
) -> Written:
    """Raises ApplyConflict where others own what the configuration wants, and what a create or an update raises."""
    metadata.settle_namespace(resource, config, namespace)
    given = config["metadata"].get("name")
    if given and given != name:
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({name})")
    if await objects.latest(resource, namespace, name) is None:
        if subresource:
            raise NotFound.of(resource.group, resource.plural, name)
        return await _create(objects, resource, namespace, name, config, options)

    def change(current: Object) -> Object:
        merged = objects.ownership.applied(resource, config, current, options, subresource)
        version = config["metadata"].get("resourceVersion")
        if version:
            merged["metadata"]["resourceVersion"] = version
        metadata.refuse_another_uid(resource, config, current)
        return merged

    return await objects.update(resource, namespace, name, change, options, subresource=subresource, owned=True)


async def _create(
    objects: ObjectStore, resource: Resource, namespace: str, name: str, config: Object, options: WriteOptions
) -> Written:
    meta = config["metadata"]
    if uid := meta.get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise Conflict.of(resource.group, resource.plural, name, why)
    if not meta.get("name"):
        raise BadRequest(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    meta.pop("resourceVersion", None)
    obj = objects.ownership.applied(resource, config, None, options, "")
    return await objects.create(resource, namespace, obj, options, owned=True)
