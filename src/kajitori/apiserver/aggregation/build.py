"""Aggregation as the server sees it: one object to ask about a request, to wrap documents, and to run.

May import: aggregation.*, deps, cache.cacher, serving.documentformats.
"""

from __future__ import annotations

from typing import Any

from kajitori.aiokit.http.message import Answer, Request
from kajitori.apiserver.aggregation.controller import AggregationController
from kajitori.apiserver.aggregation.knowledge import Handler, Knowledge
from kajitori.apiserver.aggregation.proxy import AggregatedProxy
from kajitori.apiserver.aggregation.remote import Remotes
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.serving import documentformats
from kajitori.apiserver.user import UserInfo

_WRAPPED = ("/apis", "/openapi/v2", "/openapi/v3")
_WRAPPED_PREFIXES = ("/apis/",)


class Aggregation:
    """The parts of aggregation, made together; `run` keeps them true."""

    def __init__(self, deps: ServerDeps, cacher: Cacher) -> None:
        remotes = Remotes(deps.config, deps.reader)
        self._proxy = AggregatedProxy(deps.reader, remotes)
        self._knowledge = Knowledge(self._proxy, remotes)
        self._controller = AggregationController(deps, cacher, self._proxy, remotes, self._knowledge)

    def find(self, info: RequestInfo) -> dict[str, Any] | None:
        """The APIService whose server answers this request; None: we do."""
        return self._proxy.find(info)

    async def answer(self, service: dict[str, Any], request: Request, user: UserInfo) -> Answer:
        """What the extension server behind an APIService answers, passed on."""
        own = self._knowledge.converted(request.raw_path) if request.raw_path.startswith("/openapi/") else None
        return own or await self._proxy.answer(service, request, user)

    def wrap(self, paths: dict[str, Handler], prefixes: dict[str, Handler]) -> None:
        """Put other servers' groups into our documents, and those into the forms that clients accept."""
        for path in _WRAPPED:
            paths[path] = self._knowledge.wrap(paths[path])
        for prefix in _WRAPPED_PREFIXES:
            prefixes[prefix] = self._knowledge.wrap(prefixes[prefix])
        documentformats.wrap(paths, prefixes)

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._controller.run()
