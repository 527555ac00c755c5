"""create, update and patch: from a request body to an ObjectStore call.

May import: handlers.{apply,call,identity,patch}, objects, serving.
"""

from typing import Any

import orjson

from kajitori.apiserver.handlers.apply import configuration
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.identity import check_name, needs_version, require_version
from kajitori.apiserver.handlers.patch import Patch
from kajitori.apiserver.objects.applying import apply
from kajitori.apiserver.objects.metadata import metadata_of
from kajitori.apiserver.objects.options import Written
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.serving.decoding import decode_object, media_type
from kajitori.apiserver.serving.patches import APPLY_PATCH

Object = dict[str, Any]
CREATE_ON_UPDATE = frozenset(
    {
        "leases.coordination.k8s.io",
        "events",
        "events.events.k8s.io",
        "endpoints",
        "limitranges",
        "priorityclasses.scheduling.k8s.io",
        "services",
        "clusterroles.rbac.authorization.k8s.io",
        "clusterrolebindings.rbac.authorization.k8s.io",
        "roles.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io",
        "runtimeclasses.node.k8s.io",
    }
)
"""Resources whose PUT creates what is not there (AllowCreateOnUpdate upstream)."""


class Writing:
    """The writing verbs over an ObjectStore."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def create(self, call: Call) -> Written:
        """POST to a collection."""
        options = call.write_options()
        resource = call.resource
        body = await call.body()
        obj = decode_object(resource, body, call.content_type, options.field_validation, call.warnings)
        return await self._objects.create(resource, call.info.namespace, obj, options)

    async def update(self, call: Call) -> Written:
        """PUT of an object, or of its status."""
        options = call.write_options()
        resource, info = call.resource, call.info
        body = await call.body()
        new = decode_object(resource, body, call.content_type, options.field_validation, call.warnings)
        check_name(metadata_of(new).get("name"), info.name)
        conditional = needs_version(resource)
        encoded: list[bytes] = []

        def replace(current: Object) -> Object:
            if conditional and current["metadata"].get("uid"):  # without one, it is yet to be created
                require_version(resource, new, info.name)
            if encoded:  # another try: the first may have changed the object
                fresh: Object = orjson.loads(encoded[0])
                return fresh
            encoded.append(orjson.dumps(new))
            return new

        return await self._objects.update(
            resource,
            info.namespace,
            info.name,
            replace,
            options,
            subresource=info.subresource,
            create_missing=not info.subresource and resource.group_resource in CREATE_ON_UPDATE,
        )

    async def patch(self, call: Call) -> Written:
        """PATCH of an object, or of its status."""
        options = call.write_options()
        body = await call.body()
        resource, info, kind = call.resource, call.info, media_type(call.content_type)
        if kind == APPLY_PATCH:
            applied = configuration(call, body, options)
            return await apply(
                self._objects, resource, info.namespace, info.name, applied, options, subresource=info.subresource
            )
        change = Patch(call, kind, body, options)
        return await self._objects.update(
            resource, info.namespace, info.name, change, options, subresource=info.subresource
        )
