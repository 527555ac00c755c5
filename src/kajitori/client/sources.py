"""Where an informer's objects come from: a list and a watch of one resource, typed or as metadata alone.

May import: client.*.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from typing import Generic, Protocol

import msgspec

from kajitori.client.codec import decode_events, decode_list
from kajitori.client.kinds import ResourcePath, resource_of
from kajitori.client.objects import Item, ObjectList, WatchEvent
from kajitori.client.raw import JSON, RawClient
from kajitori.client.rest import watch_query

WATCH_MINUTES = (20, 40)  # each watch lasts a random time in between, so that they do not all start anew at once


class Source(Protocol[Item]):
    """What an informer needs of a resource; `name` is for logs."""

    name: str

    async def list(self, resource_version: str) -> ObjectList[Item]:
        """Everything, at `resource_version` or later; "" wants the newest, "0" takes what the server has at hand."""

    def watch(self, resource_version: str) -> AsyncGenerator[WatchEvent[Item], None]:
        """Events after `resource_version`, until the server ends the watch. Raises Expired when it is too old."""

    async def reachable(self) -> bool:
        """Returns when the server can be reached; True if that took waiting."""
        ...


class ResourceSource(Generic[Item]):
    """Lists and watches a resource and decodes it as `kind`: any struct that understands its JSON."""

    def __init__(
        self,
        client: RawClient,
        kind: type[Item],
        resource: ResourcePath,
        *,
        namespace: str | None = None,
        label_selector: str = "",
        field_selector: str = "",
        accept: str = JSON,
    ) -> None:
        self.name = resource.plural
        self._client, self._kind, self._accept = client, kind, accept
        self._url = resource.url(namespace)
        self._selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}

    async def list(self, resource_version: str) -> ObjectList[Item]:
        query = [(name, value) for name, value in self._selectors.items() if value]
        if resource_version:
            query.append(("resourceVersion", resource_version))
        response = await self._client.raw("GET", self._url, query=query, accept=self._accept)
        return decode_list(self._kind, response.body)

    async def watch(self, resource_version: str) -> AsyncGenerator[WatchEvent[Item], None]:
        minutes = random.uniform(*WATCH_MINUTES)
        query = watch_query(
            resource_version,
            self._selectors["labelSelector"],
            self._selectors["fieldSelector"],
            timeout_s=int(minutes * 60),
        )
        async with self._client.raw_stream("GET", self._url, query=query, accept=self._accept) as response:
            async for event in decode_events(self._kind, response):
                yield event

    async def reachable(self) -> bool:
        """Whether the server takes connections again."""
        return await self._client.transport.reachable()


def typed_source(
    client: RawClient,
    kind: type[Item],
    *,
    namespace: str | None = None,
    label_selector: str = "",
    field_selector: str = "",
) -> ResourceSource[Item]:
    """Of a struct's kind; without a namespace, of all."""
    return ResourceSource(
        client,
        kind,
        resource_of(kind),
        namespace=namespace,
        label_selector=label_selector,
        field_selector=field_selector,
    )


class OwnerReference(msgspec.Struct, rename="camel", frozen=True):
    """As in the metadata of any object."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False
    block_owner_deletion: bool = False


class LeanMeta(msgspec.Struct, rename="camel"):
    """The part of ObjectMeta that ownership and deletion are about; nothing else is kept in memory."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    deletion_timestamp: str | None = None
    finalizers: list[str] = []
    owner_references: list[OwnerReference] = []


class PartialObject(msgspec.Struct):
    """Any object, seen as its metadata alone (PartialObjectMetadata)."""

    metadata: LeanMeta


METADATA_OF_ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
METADATA_ONLY = f"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{METADATA_OF_ONE}"
"""What to accept where one object is meant, and where many are: a server gives neither for the other."""


def metadata_source(client: RawClient, resource: ResourcePath) -> ResourceSource[PartialObject]:
    """Metadata of all objects of a resource, custom ones included."""
    return ResourceSource(client, PartialObject, resource, accept=METADATA_ONLY)
