"""What we know of other servers' APIs: their discovery and OpenAPI, asked for when they become available and every
minute while there are any, and worked into our own documents.

May import: http.message, aggregation.*.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from kajitori.aiokit.http.message import Answer, Headers, Request, Response
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.aggregation import merging, services
from kajitori.apiserver.aggregation.merging import RemoteVersion
from kajitori.apiserver.aggregation.proxy import AggregatedProxy
from kajitori.apiserver.aggregation.remote import RemoteError, Remotes
from kajitori.apiserver.aggregation.upgrading import v3_of
from kajitori.apiserver.handlers.dispatch import PathNotFound
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]
Handler = Callable[[Request, RequestInfo, UserInfo], Awaitable[Answer]]
log = get_logger(__name__)
_V3 = "/openapi/v3"
_DISCOVERY = ",".join(
    (
        *(f"application/json;g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList" for v in ("v2", "v2beta1")),
        "application/json",
    )
)


def _convert(known: RemoteVersion) -> None:
    if known.openapi_v3 or known.openapi_v2 is None:
        known.converted = b""
        return
    document = v3_of(known.openapi_v2, known.group, known.version)
    known.converted = orjson.dumps(document) + b"\n" if document else b""
    if document:
        tag = hashlib.sha256(known.converted).hexdigest().upper()
        known.openapi_v3 = f"{_V3}/apis/{known.group}/{known.version}?hash={tag}"


class Knowledge:
    """Of all remote group versions; `wrap` makes a handler's document whole."""

    def __init__(self, proxy: AggregatedProxy, remotes: Remotes) -> None:
        self._proxy, self._remotes = proxy, remotes
        self._known: dict[tuple[str, str], RemoteVersion] = {}
        self._generation = 0
        self._merged: dict[str, tuple[bytes, int, bytes, str]] = {}

    def versions(self) -> list[RemoteVersion]:
        """In the order of priority; those never heard of are there and stale."""
        out = []
        for service in self._proxy.remote_services:
            key = services.group_version(service)
            priority = int(service["spec"].get("groupPriorityMinimum") or 0)
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = RemoteVersion(*key, priority)
            known.is_current = known.is_current and services.available(service)
            out.append(known)
        return out

    def changed(self) -> None:
        """Documents are merged anew."""
        self._generation += 1

    async def learn(self, service: Object) -> None:
        """Ask a server what it serves. Failures leave what was known, as stale."""
        group, version = services.group_version(service)
        priority = int(service["spec"].get("groupPriorityMinimum") or 0)
        known = self._known.setdefault((group, version), RemoteVersion(group, version, priority))
        before = (known.is_current, known.resources, known.openapi_v3, known.openapi_v2)
        try:
            known.resources = await self._resources(service, group, version)
            known.is_current = True
            known.openapi_v3 = await self._openapi_v3(service, group, version)
            known.openapi_v2 = await self._openapi_v2(service)
            _convert(known)
        except (RemoteError, ValueError) as error:
            log.info("asking an aggregated API server failed", apiservice=service["metadata"]["name"], err=str(error))
        if before != (known.is_current, known.resources, known.openapi_v3, known.openapi_v2):
            self.changed()

    def converted(self, path: str) -> Response | None:
        """The OpenAPI v3 of a group version whose server has none, by its path."""
        group, _, version = path.removeprefix(f"{_V3}/apis/").partition("/")
        known = self._known.get((group, version))
        return Response(known.converted, headers=[("Vary", "Accept")]) if known and known.converted else None

    def forget(self) -> None:
        """What is no longer registered."""
        registered = {services.group_version(service) for service in self._proxy.remote_services}
        for gone in self._known.keys() - registered:
            del self._known[gone]
        self.changed()

    async def _resources(self, service: Object, group: str, version: str) -> list[Object]:
        answer = await self._remotes.get(service, "/apis", accept=_DISCOVERY)
        if answer.status == 200 and "as=APIGroupDiscoveryList" in answer.content_type:
            found = merging.version_in(orjson.loads(answer.body), group, version)
            if found is not None:
                return found
        answer = await self._remotes.get(service, services.discovery_path(service))
        if answer.status != 200:
            raise RemoteError(f"bad status from {answer.url}: {answer.status}")
        return merging.resources_of(orjson.loads(answer.body), group, version)

    async def _openapi_v3(self, service: Object, group: str, version: str) -> str:
        answer = await self._remotes.get(service, "/openapi/v3")
        if answer.status != 200:
            return ""
        paths = orjson.loads(answer.body).get("paths") or {}
        return str((paths.get(f"apis/{group}/{version}") or {}).get("serverRelativeURL") or "")

    async def _openapi_v2(self, service: Object) -> Object | None:
        answer = await self._remotes.get(service, "/openapi/v2")
        return orjson.loads(answer.body) if answer.status == 200 else None

    # our own documents, made whole

    def wrap(self, handler: Handler) -> Handler:
        """The handler, with other servers' parts in what it answers."""

        async def whole(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
            remotes = self.versions()
            if not remotes:
                return await handler(request, info, user)
            return await self._whole(handler, request, info, user, remotes)

        return whole

    async def _whole(
        self, handler: Handler, request: Request, info: RequestInfo, user: UserInfo, remotes: list[RemoteVersion]
    ) -> Answer:
        parts = info.path.strip("/").split("/")
        tag = request.headers.get("if-none-match")
        try:
            answer = await handler(unconditional(request) if tag else request, info, user)
        except PathNotFound:
            group = _remote_group(parts, remotes)
            if group is None:
                raise
            return Response(orjson.dumps(group) + b"\n", headers=[("Vary", "Accept")])
        if not isinstance(answer, Response) or answer.status != 200 or "json" not in answer.content_type:
            return answer
        return self._merge(answer, parts, remotes, tag)

    def _merge(self, answer: Response, parts: list[str], remotes: list[RemoteVersion], tag: str) -> Response:
        key = f"{'/'.join(parts)} {answer.content_type}"
        found = self._merged.get(key)
        if found is None or found[0] is not answer.body or found[1] != self._generation:
            document = _merged(orjson.loads(answer.body), parts, remotes)
            if document is None:
                return answer
            body = orjson.dumps(document) + b"\n"
            made = f'"{hashlib.sha256(body).hexdigest().upper()}"'
            found = self._merged[key] = (answer.body, self._generation, body, made)
        _, _, body, made = found
        tagged = any(name == "ETag" for name, _ in answer.headers)
        headers = [(name, made if name == "ETag" else value) for name, value in answer.headers]
        if tagged and tag == made:
            return Response(b"", status=304, content_type="", headers=headers)
        return Response(body, content_type=answer.content_type, headers=headers)


def _merged(document: Object, parts: list[str], remotes: list[RemoteVersion]) -> Object | None:
    match parts:
        case ["apis"] if document.get("kind") == "APIGroupDiscoveryList":
            return merging.aggregated_list(document, remotes)
        case ["apis"]:
            return merging.group_list(document, remotes)
        case ["apis", group]:
            for remote in remotes:
                if remote.group == group:
                    merging.add_version(document, remote)
            return document
        case ["openapi", "v3"]:
            return merging.v3_index(document, remotes)
        case ["openapi", "v2"]:
            return merging.v2(document, remotes)
    return None


def _remote_group(parts: list[str], remotes: list[RemoteVersion]) -> Object | None:
    """The APIGroup of a group that only other servers serve."""
    if len(parts) != 2 or parts[0] != "apis":
        return None
    group: Object = {"kind": "APIGroup", "apiVersion": "v1", "name": parts[1], "versions": []}
    for remote in remotes:
        if remote.group == parts[1]:
            merging.add_version(group, remote)
    return group if group["versions"] else None


def unconditional(request: Request) -> Request:
    """The same question without If-None-Match: the client's tag is of the merged document, which is ours to compare."""
    asked = copy.copy(request)
    asked.headers = Headers([pair for pair in request.headers.pairs if pair[0] != "if-none-match"])
    return asked
