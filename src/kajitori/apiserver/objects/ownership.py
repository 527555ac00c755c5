"""metadata.managedFields: who owns which field of an object, kept true through creates, updates and applies.

May import: machinery.managedfields, api.registration.
"""

from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.api.registration import Resource
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.machinery import managedfields

Object = dict[str, Any]
_STATUS, _SCALE = "status", "scale"
_STATUS_FIELDS: Object = {"f:status": {}}
_ALL_BUT_STATUS: Object = {"f:spec": {}, "f:metadata": {}}


class Ownership:
    """Rules on top of `machinery.managedfields`: which parts of an object an endpoint owns nothing of."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self, resource: Resource, obj: Object, options: WriteOptions) -> None:
        """The creator owns everything that somebody must have set."""
        managedfields.create(
            obj,
            options.field_manager,
            blank=resource.strategy.blank(),
            schema=resource.schema,
            api_version=resource.group_version,
            now=self._clock.now(),
            reset=reset_fields(resource, ""),
        )

    def updated(self, resource: Resource, obj: Object, old: Object, options: WriteOptions, subresource: str) -> None:
        """The writer owns what it changed. Replicas that nobody owns stay nobody's when a Scale changes them."""
        if subresource == _SCALE and not _has_owned_replicas(resource, old):
            return
        managedfields.update(
            old,
            obj,
            options.field_manager,
            schema=resource.schema,
            api_version=resource.group_version,
            now=self._clock.now(),
            subresource=subresource,
            reset=reset_fields(resource, subresource),
            timed=subresource != _SCALE,  # as upstream, where a Scale's owners come without theirs
        )

    def applied(
        self, resource: Resource, config: Object, live: Object | None, options: WriteOptions, subresource: str
    ) -> Object:
        """The object after a server-side apply. Raises ApplyConflict."""
        return managedfields.apply(
            live,
            config,
            options.field_manager,
            schema=resource.schema,
            blank=resource.strategy.blank(),
            api_version=resource.group_version,
            now=self._clock.now(),
            force=options.force,
            subresource=subresource,
            reset=reset_fields(resource, subresource),
        )

    def same(self, obj: Object, old: Object) -> bool:
        """Whether a write would change nothing but the moments noted in managedFields."""
        if obj == old:
            return True
        meta, before = obj["metadata"], old["metadata"]
        if meta.get("managedFields") == before.get("managedFields"):
            return False
        if {**obj, "metadata": None} != {**old, "metadata": None}:
            return False
        if {**meta, "managedFields": None} != {**before, "managedFields": None}:
            return False
        return _timeless(meta.get("managedFields")) == _timeless(before.get("managedFields"))


def _has_owned_replicas(resource: Resource, obj: Object) -> bool:
    """Whether a Scale of the object has managedFields: without any, as upstream, its changes are not tracked."""
    path = (resource.scale_paths or {}).get("specReplicasPath", ".spec.replicas").removeprefix(".").split(".")
    for entry in obj["metadata"].get("managedFields") or ():
        fields: object = entry.get("fieldsV1")
        for step in path:
            fields = fields.get(f"f:{step}") if isinstance(fields, dict) else None
        if fields is not None:
            return True
    return False


def reset_fields(resource: Resource, subresource: str) -> Object | None:
    """The fields that an endpoint does not change, whatever is sent to it."""
    if _STATUS not in resource.subresources:
        return None
    return _ALL_BUT_STATUS if subresource == _STATUS else _STATUS_FIELDS


def _timeless(entries: list[Object] | None) -> list[Object]:
    return [{key: value for key, value in entry.items() if key != "time"} for entry in entries or ()]
