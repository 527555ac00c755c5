"""The non-resource paths: discovery, OpenAPI, version, health, metrics, and the list of them all at `/`.

May import: discovery, health, metrics, openapi (when asked for), pipeline, storage.interface.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson

from kajitori.aiokit.http.message import Answer, Request, Response
from kajitori.aiokit.http.routes import METRICS_TYPE
from kajitori.aiokit.logs import describe, get_logger
from kajitori.api.scheme import Scheme
from kajitori.apiserver.discovery import Discovery, version_document
from kajitori.apiserver.handlers.dispatch import PathNotFound
from kajitori.apiserver.health import STORE_TIMEOUT_S, Health
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.pipeline import PathHandler, Pipeline
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.storage.interface import Store, StoreError

if TYPE_CHECKING:
    from kajitori.apiserver.openapi.documents import Documents

log = get_logger("apiserver")


def register_paths(
    pipeline: Pipeline, scheme: Scheme, discovery: Discovery, health: Health, metrics: Metrics, store: Store
) -> None:
    """Fill the pipeline's table of paths."""
    version = orjson.dumps(version_document(), option=orjson.OPT_INDENT_2)

    async def show_version(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        return Response(version)

    async def show_metrics(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        await _measure(store, metrics)
        return Response(metrics.render(), content_type=METRICS_TYPE)

    async def show_root(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        if info.path != "/":
            raise PathNotFound(info.path)
        return Response(orjson.dumps({"paths": _all_paths(pipeline, scheme)}, option=orjson.OPT_INDENT_2))

    openapi = _openapi(scheme)
    pipeline.only_read = lambda path: path.rstrip("/") == "/version" or discovery.only_read(path)
    pipeline.paths |= {
        "/version": show_version,
        "/metrics": show_metrics,
        "/metrics/slis": health.levels,
        "/": show_root,
        "": show_root,
        "/api": discovery.handle,
        "/apis": discovery.handle,
        "/healthz": health.handle,
        "/livez": health.handle,
        "/readyz": health.handle,
        "/openapi/v2": openapi,
        "/openapi/v3": openapi,
    }
    pipeline.prefixes |= {
        "/api/": discovery.handle,
        "/apis/": discovery.handle,
        "/openapi/v3/": openapi,
        "/healthz/": health.handle,
        "/livez/": health.handle,
        "/readyz/": health.handle,
    }


async def _measure(store: Store, metrics: Metrics) -> None:
    """The store's size, where it has one; without an answer what was known last stands."""
    try:
        async with asyncio.timeout(STORE_TIMEOUT_S):
            if size := await store.size():
                metrics.storage_size.set(size, "etcd-0")
    except (TimeoutError, StoreError) as error:
        log.v(2).info("the store does not tell its size", err=describe(error))


def _openapi(scheme: Scheme) -> PathHandler:
    """The OpenAPI documents, built and even imported when first asked for."""
    documents: Documents | None = None

    async def handle(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        nonlocal documents
        if documents is None:
            from kajitori.apiserver.openapi.documents import Documents

            documents = Documents(scheme)
        try:
            return documents.answer(request, info.path)
        except PathNotFound:  # a group or version that nobody serves: upstream's bare 404
            return Response(b"", status=404, content_type="")

    return handle


def _all_paths(pipeline: Pipeline, scheme: Scheme) -> list[str]:
    paths = {path for path in pipeline.paths if path and path != "/"}
    paths |= {"/api/v1"} | {f"/apis/{group}" for group in scheme.groups() if group}
    paths |= {f"/apis/{group}/{v}" for group in scheme.groups() if group for v in scheme.versions(group)}
    return sorted(paths)
