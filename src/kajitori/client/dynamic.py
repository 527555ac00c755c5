"""The untyped client: the verbs of `rest.Client` on wire dicts, for resources known at run time only.

A resource is a `ResourcePath` or an `APIResource` of discovery. Built-in, custom and aggregated resources look alike.
May import: client.*, machinery.errors, orjson.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, Self

import orjson

from kajitori.client.codec_dict import decode_dict_events
from kajitori.client.objects import PATCH_CONTENT_TYPES, ObjectList, PatchType, WatchEvent
from kajitori.client.raw import JSON, RawClient
from kajitori.client.rest import WATCH_TIMEOUT_S, PatchBody, delete_options, watch_query

Wire = dict[str, Any]


class Addressable(Protocol):
    """`ResourcePath` or `APIResource`."""

    def url(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """The path on the server of the collection, an object or its subresource."""


class DynamicClient(RawClient):
    """Wire dicts in, wire dicts out; errors are those of `rest.Client`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get(
        self,
        resource: Addressable,
        name: str,
        namespace: str | None = None,
        *,
        subresource: str = "",
        accept: str = JSON,
    ) -> Wire:
        """GET of one object. Raises NotFound."""
        return _loads((await self.raw("GET", resource.url(namespace, name, subresource), accept=accept)).body)

    async def list(
        self,
        resource: Addressable,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
        accept: str = JSON,
    ) -> ObjectList[Wire]:
        """GET of a collection; see `Client.list`."""
        answer = await self.list_raw(
            resource,
            namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            limit=limit,
            continue_=continue_,
            resource_version=resource_version,
            accept=accept,
        )
        meta, items = answer.get("metadata") or {}, answer.get("items") or []
        if items and "kind" not in items[0]:  # of built-in kinds they leave it to their list
            whole = {"kind": str(answer.get("kind")).removesuffix("List"), "apiVersion": answer.get("apiVersion")}
            items = [whole | item for item in items]
        return ObjectList(
            items,
            meta.get("resourceVersion") or "",
            meta.get("continue") or "",
            meta.get("remainingItemCount"),
        )

    async def list_raw(
        self,
        resource: Addressable,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
        accept: str = JSON,
    ) -> Wire:
        """The whole answer: the List object itself, or a Table when `accept` asks for one."""
        facts: Mapping[str, Any] = {
            "labelSelector": label_selector,
            "fieldSelector": field_selector,
            "limit": limit,
            "continue": continue_,
            "resourceVersion": resource_version,
        }
        query = [(name, str(value)) for name, value in facts.items() if value]
        return _loads((await self.raw("GET", resource.url(namespace), query=query, accept=accept)).body)

    async def create(
        self,
        resource: Addressable,
        obj: Wire,
        *,
        namespace: str | None = None,
        field_manager: str = "",
        field_validation: str = "",
        dry_run: bool = False,
    ) -> Wire:
        """POST; the object as the server made it. Raises AlreadyExists, Invalid, Forbidden, …"""
        url = resource.url(namespace or (obj.get("metadata") or {}).get("namespace"))
        query = _write_query(field_manager, field_validation, dry_run)
        return _loads((await self.raw("POST", url, query=query, body=obj)).body)

    async def update(
        self,
        resource: Addressable,
        obj: Wire,
        *,
        subresource: str = "",
        field_manager: str = "",
        field_validation: str = "",
        dry_run: bool = False,
    ) -> Wire:
        """PUT of the whole object, or of a subresource. Raises Conflict where its resourceVersion is not the newest."""
        meta = obj["metadata"]
        url = resource.url(meta.get("namespace"), meta["name"], subresource)
        query = _write_query(field_manager, field_validation, dry_run)
        return _loads((await self.raw("PUT", url, query=query, body=obj)).body)

    async def patch(
        self,
        resource: Addressable,
        name: str,
        body: PatchBody,
        *,
        namespace: str | None = None,
        patch_type: PatchType = "merge",
        subresource: str = "",
        field_manager: str = "",
        field_validation: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Wire:
        """PATCH; the object as it became. Raises Conflict, Invalid, …"""
        query = _write_query(field_manager, field_validation, dry_run) + ([("force", "true")] if force else [])
        response = await self.raw(
            "PATCH",
            resource.url(namespace, name, subresource),
            query=query,
            body=body,
            content_type=PATCH_CONTENT_TYPES[patch_type],
        )
        return _loads(response.body)

    async def delete(
        self,
        resource: Addressable,
        name: str,
        namespace: str | None = None,
        *,
        grace_period_s: int | None = None,
        propagation_policy: str | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        dry_run: bool = False,
    ) -> Wire:
        """The answer: the object as it is being deleted, or a Status when it is gone."""
        options = delete_options(grace_period_s, propagation_policy, uid, resource_version, dry_run=dry_run)
        return _loads((await self.raw("DELETE", resource.url(namespace, name), body=options)).body)

    async def delete_collection(
        self,
        resource: Addressable,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        grace_period_s: int | None = None,
        propagation_policy: str | None = None,
    ) -> None:
        """DELETE of every object that the selectors choose."""
        facts = {"labelSelector": label_selector, "fieldSelector": field_selector}
        query = [(name, value) for name, value in facts.items() if value]
        options = delete_options(grace_period_s, propagation_policy)
        await self.raw("DELETE", resource.url(namespace), query=query, body=options)

    async def watch(
        self,
        resource: Addressable,
        namespace: str | None = None,
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
        timeout_s: int = WATCH_TIMEOUT_S,
        bookmarks: bool = True,
        accept: str = JSON,
    ) -> AsyncIterator[WatchEvent[Wire]]:
        """Events as they come, until the server ends the watch. Raises Expired where the past is gone."""
        query = watch_query(resource_version, label_selector, field_selector, timeout_s, bookmarks=bookmarks)
        async with self.raw_stream("GET", resource.url(namespace), query=query, accept=accept) as response:
            async for event in decode_dict_events(response):
                yield event


def _write_query(field_manager: str, field_validation: str, dry_run: bool) -> list[tuple[str, str]]:
    facts = {"fieldManager": field_manager, "fieldValidation": field_validation, "dryRun": "All" if dry_run else ""}
    return [(name, value) for name, value in facts.items() if value]


def _loads(body: bytes) -> Wire:
    answer: Wire = orjson.loads(body)
    return answer
