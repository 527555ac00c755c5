"""The typed client: get, list, create, update, patch, delete and watch on structs.

    async with Client(config) as client:
        pod = await client.get(Pod, "web-0", "default")

Every call raises `machinery.errors.StatusError` subclasses for answers of 400 and above, `OSError` when the server
cannot be reached. Structs are only imported by those who use them: this module does not load the schema.
May import: client.*, machinery.errors; api.schema lazily.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self

import orjson

from kajitori.client.kinds import ResourcePath, resource_of
from kajitori.client.objects import PATCH_CONTENT_TYPES, ObjectList, PatchType, T, WatchEvent
from kajitori.client.raw import RawClient

__all__ = ["Client"]

WATCH_TIMEOUT_S = 600
PatchBody = dict[str, Any] | list[Any] | bytes  # a JSON patch is a list; bytes are sent as they are


class Client(RawClient):
    """Structs in, structs out; the kind says which resource is meant."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get(self, kind: type[T], name: str, namespace: str | None = None, *, resource_version: str = "") -> T:
        """Raises NotFound. `resource_version` "0" lets the server answer from its cache."""
        query = _query(resourceVersion=resource_version)
        response = await self.raw("GET", _url(kind, namespace, name), query=query)
        return _decode(kind, response.body)

    async def list(
        self,
        kind: type[T],
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
    ) -> ObjectList[T]:
        """GET of a collection: one page of `limit` objects, the next by the answer's `continue_`. Raises Expired, …"""
        from kajitori.client.codec import decode_list

        query = _query(
            labelSelector=label_selector,
            fieldSelector=field_selector,
            limit=limit,
            resourceVersion=resource_version,
            **{"continue": continue_},
        )
        response = await self.raw("GET", _url(kind, namespace), query=query)
        return decode_list(kind, response.body)

    async def create(
        self, obj: T, *, namespace: str | None = None, field_manager: str = "", dry_run: bool = False
    ) -> T:
        """POST; the object as the server made it. Raises AlreadyExists, Invalid, Forbidden, …"""
        url = _url(type(obj), namespace or obj.metadata.namespace)
        query = _write_query(field_manager, dry_run)
        return _decode(type(obj), (await self.raw("POST", url, query=query, body=_encode(obj))).body)

    async def update(self, obj: T, *, field_manager: str = "", dry_run: bool = False) -> T:
        """PUT of the whole object but its status. Raises Conflict where its resourceVersion is not the newest."""
        return await self._put(obj, "", field_manager, dry_run)

    async def update_status(self, obj: T, *, field_manager: str = "") -> T:
        """PUT of the status alone. Raises Conflict as `update` does."""
        return await self._put(obj, "status", field_manager, dry_run=False)

    async def update_subresource(self, obj: T, subresource: str, *, field_manager: str = "") -> T:
        """PUT to a subresource whose body is the object itself (approval, ephemeralcontainers, …)."""
        return await self._put(obj, subresource, field_manager, dry_run=False)

    async def patch(
        self,
        kind: type[T],
        name: str,
        body: PatchBody,
        *,
        namespace: str | None = None,
        patch_type: PatchType = "strategic",
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> T:
        """PATCH; the object as it became. `force` (apply alone) takes fields over from others. Raises Conflict, …"""
        query = _write_query(field_manager, dry_run) + ([("force", "true")] if force else [])
        response = await self.raw(
            "PATCH",
            _url(kind, namespace, name, subresource),
            query=query,
            body=body,
            content_type=PATCH_CONTENT_TYPES[patch_type],
        )
        return _decode(kind, response.body)

    async def delete(
        self,
        kind: type[T],
        name: str,
        namespace: str | None = None,
        *,
        grace_period_s: int | None = None,
        propagation_policy: str | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        dry_run: bool = False,
    ) -> None:
        """DELETE, or its beginning: finalizers and grace periods may keep the object. Raises NotFound, Conflict."""
        options = delete_options(grace_period_s, propagation_policy, uid, resource_version, dry_run=dry_run)
        await self.raw("DELETE", _url(kind, namespace, name), body=options)

    async def delete_collection(
        self,
        kind: type[T],
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        grace_period_s: int | None = None,
        propagation_policy: str | None = None,
    ) -> None:
        """DELETE of every object that the selectors choose."""
        query = _query(labelSelector=label_selector, fieldSelector=field_selector)
        options = delete_options(grace_period_s, propagation_policy)
        await self.raw("DELETE", _url(kind, namespace), query=query, body=options)

    async def create_subresource(
        self, kind: type[T], name: str, namespace: str | None, subresource: str, body: Any
    ) -> dict[str, Any]:
        """POST to binding, eviction, token …; `body` is a wire dict or a struct."""
        data = body if isinstance(body, dict) else _encode(body)
        response = await self.raw("POST", _url(kind, namespace, name, subresource), body=data)
        answer: dict[str, Any] = orjson.loads(response.body)
        return answer

    async def watch(
        self,
        kind: type[T],
        namespace: str | None = None,
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
        timeout_s: int = WATCH_TIMEOUT_S,
        bookmarks: bool = True,
    ) -> AsyncIterator[WatchEvent[T]]:
        """Changes after `resource_version`, until the server ends the watch. Raises `Expired` when that is too old."""
        from kajitori.client.codec import decode_events

        query = watch_query(resource_version, label_selector, field_selector, timeout_s, bookmarks=bookmarks)
        async with self.raw_stream("GET", _url(kind, namespace), query=query) as response:
            async for event in decode_events(kind, response):
                yield event

    async def _put(self, obj: T, subresource: str, field_manager: str, dry_run: bool) -> T:
        kind, meta = type(obj), obj.metadata
        url = _url(kind, meta.namespace, meta.name or "", subresource)
        query = _write_query(field_manager, dry_run)
        return _decode(kind, (await self.raw("PUT", url, query=query, body=_encode(obj))).body)


def watch_query(
    resource_version: str = "",
    label_selector: str = "",
    field_selector: str = "",
    timeout_s: int = WATCH_TIMEOUT_S,
    *,
    bookmarks: bool = True,
) -> list[tuple[str, str]]:
    """The query of a watch; `timeout_s` is when the server ends it."""
    return _query(
        watch="true",
        allowWatchBookmarks="true" if bookmarks else "",
        resourceVersion=resource_version,
        labelSelector=label_selector,
        fieldSelector=field_selector,
        timeoutSeconds=timeout_s,
    )


def delete_options(
    grace_period_s: int | None = None,
    propagation_policy: str | None = None,
    uid: str | None = None,
    resource_version: str | None = None,
    *,
    dry_run: bool = False,
) -> dict[str, Any]:
    """DeleteOptions on the wire; what is None is left to the server."""
    options: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1"}
    if grace_period_s is not None:
        options["gracePeriodSeconds"] = grace_period_s
    if propagation_policy is not None:
        options["propagationPolicy"] = propagation_policy
    conditions = {"uid": uid, "resourceVersion": resource_version}
    if preconditions := {name: value for name, value in conditions.items() if value}:
        options["preconditions"] = preconditions
    if dry_run:
        options["dryRun"] = ["All"]
    return options


def _query(**facts: Any) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in facts.items() if value]


def _write_query(field_manager: str, dry_run: bool) -> list[tuple[str, str]]:
    return _query(fieldManager=field_manager, dryRun="All" if dry_run else "")


def _url(kind: type[Any], namespace: str | None = None, name: str = "", subresource: str = "") -> str:
    resource: ResourcePath = resource_of(kind)
    if name and resource.namespaced and not namespace:
        raise ValueError(f"a namespace is needed to name a {kind.KIND}")
    return resource.url(namespace, name, subresource)


def _decode(kind: type[T], data: bytes) -> T:
    from kajitori.api import schema

    return schema.decode(kind, data)


def _encode(obj: Any) -> bytes:
    from kajitori.api import schema

    return schema.encode(obj)
