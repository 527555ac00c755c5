"""Requests to aggregated groups: recognised, authorized like any other, and passed on with the user's name.

May import: http.message, request, user, proxying.forward, aggregation.*.
"""

from __future__ import annotations

import ssl
from typing import Any

from kajitori.aiokit.http.message import Answer, Request, Response
from kajitori.apiserver.aggregation import services
from kajitori.apiserver.aggregation.remote import Remotes, identity_headers
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.proxying.forward import Target, forward
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import StatusError

Object = dict[str, Any]
_TROUBLE = "error trying to reach service: "


class AggregatedProxy:
    """`find` costs one truth test while there is no APIService with a Service."""

    def __init__(self, reader: Reader, remotes: Remotes) -> None:
        self._reader, self._remotes = reader, remotes
        self._by_version: dict[tuple[str, str], Object] = {}

    def refresh(self) -> None:
        """APIServices have changed."""
        found = self._reader.list(services.GROUP, services.PLURAL)
        self._by_version = {services.group_version(s): s for s in found if services.is_remote(s)}

    @property
    def remote_services(self) -> list[Object]:
        """By priority: groups first, then their versions."""
        return sorted(self._by_version.values(), key=_order)

    def find(self, info: RequestInfo) -> Object | None:
        """The APIService that serves this request elsewhere."""
        if not self._by_version:
            return None
        if info.is_resource_request:
            return self._by_version.get((info.group, info.version))
        parts = info.path.strip("/").split("/")
        if len(parts) == 3 and parts[0] == "apis":
            return self._by_version.get((parts[1], parts[2]))
        if len(parts) == 5 and parts[:3] == ["openapi", "v3", "apis"]:
            return self._by_version.get((parts[3], parts[4]))
        return None

    async def answer(self, service: Object, request: Request, user: UserInfo) -> Answer:
        """Pass the request on; trouble is told in plain text, as upstream's aggregator does."""
        if not services.available(service):
            return unavailable("service unavailable")
        try:
            host, port = self._remotes.address(service)
            tls = self._remotes.tls(service)
        except (StatusError, OSError, ValueError, ssl.SSLError):
            return unavailable("service unavailable")
        target = Target(
            host=host,
            port=port,
            path=request.raw_path,
            query=request.raw_query,
            tls=tls,
            verify_name=self._remotes.server_name(service),
            headers=tuple(identity_headers(user)),
        )
        try:
            return await forward(request, target, prefix="")
        except StatusError as error:
            return unavailable(error.message.partition(_TROUBLE)[2] or error.message)


def unavailable(text: str) -> Response:
    """A 503 in plain text, as upstream's proxy gives."""
    headers = [("X-Content-Type-Options", "nosniff")]
    return Response(f"{text}\n".encode(), status=503, content_type="text/plain; charset=utf-8", headers=headers)


def _order(service: Object) -> tuple[int, str, int, str]:
    spec = service.get("spec") or {}
    group, version = services.group_version(service)
    return -int(spec.get("groupPriorityMinimum") or 0), group, -int(spec.get("versionPriority") or 0), version
