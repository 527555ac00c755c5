"""Pods' streams: log, exec, attach and port-forward, passed through to the kubelet of the Pod's node.

Which container is meant, and how the kubelet is asked, are plain functions. May import: hooks, deps, proxying.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from kajitori.aiokit.http.message import Answer, Query, Response, StreamResponse
from kajitori.apiserver.admission_types import CONNECT
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import SubresourceRequest
from kajitori.apiserver.proxying.backend import Backend, BackendBody, BackendError, ResponseHead
from kajitori.apiserver.proxying.forward import Target, forward
from kajitori.apiserver.proxying.kubelet import Kubelets
from kajitori.apiserver.proxying.upgrade import wants_upgrade
from kajitori.apiserver.registry.body import admitted
from kajitori.machinery.errors import BadRequest, InternalError, Invalid, NotFound
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, invalid

Object = dict[str, Any]
_ERROR_LIMIT = 2048
_STREAM_FLAGS = (("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty"))
_LOG_FLAGS = ("follow", "previous", "timestamps")
_LOG_VALUES = ("sinceSeconds", "sinceTime", "tailLines", "limitBytes", "stream")


class PodStreams:
    """The handlers of Pods' streaming subresources."""

    def __init__(self, deps: ServerDeps, kubelets: Kubelets) -> None:
        self._reader, self._kubelets = deps.reader, kubelets

    async def exec(self, request: SubresourceRequest) -> Answer:
        query = stream_query(request.http.query)
        query += [("command", command) for command in request.http.query.getall("command")]
        return await self._container_stream(request, "exec", query)

    async def attach(self, request: SubresourceRequest) -> Answer:
        return await self._container_stream(request, "attach", stream_query(request.http.query))

    async def portforward(self, request: SubresourceRequest) -> Answer:
        """The ports in the query are a WebSocket client's; SPDY names them in its streams."""
        pod, node = self._pod_on_node(request)
        ports = [port for text in request.http.query.getall("ports") for port in text.split(",")]
        path = f"/portForward/{_path(pod)}"
        return await self._upgrade(request, self._kubelets.target(node, path, urlencode([("port", p) for p in ports])))

    async def _container_stream(self, request: SubresourceRequest, action: str, query: list[tuple[str, str]]) -> Answer:
        pod, node = self._pod_on_node(request)
        container = choose_container(pod, request.http.query.get("container"))
        path = f"/{action}/{_path(pod)}/{quote(container)}"
        return await self._upgrade(request, self._kubelets.target(node, path, urlencode(query)))

    async def _upgrade(self, request: SubresourceRequest, target: Target) -> Answer:
        if not wants_upgrade(request.http.headers):
            raise BadRequest("Upgrade request required")
        await admitted(request, connect_options(request), operation=CONNECT)
        return await forward(request.http, target, prefix="")

    def _pod(self, request: SubresourceRequest) -> Object:
        pod = self._reader.get("", "pods", request.info.namespace, request.info.name)
        if pod is None:
            raise NotFound.of("", "pods", request.info.name)
        return pod

    def _pod_on_node(self, request: SubresourceRequest) -> tuple[Object, str]:
        pod = self._pod(request)
        node = (pod.get("spec") or {}).get("nodeName") or ""
        if not node:
            raise BadRequest(f"pod {request.info.name} does not have a host assigned")
        return pod, node

    async def log(self, request: SubresourceRequest) -> Answer:
        """Empty for a Pod that is not scheduled yet."""
        pod, query = self._pod(request), request.http.query
        errors = log_errors(query)
        if errors:
            raise Invalid.of("", "PodLogOptions", request.info.name, errors)
        container = choose_container(pod, query.get("container"))
        node = (pod.get("spec") or {}).get("nodeName") or ""
        if not node:
            return Response(b"", content_type="text/plain")
        path = f"/containerLogs/{_path(pod)}/{quote(container)}"
        target = self._kubelets.target(node, path, urlencode(log_query(query)))
        return await stream_text(request, target)


async def stream_text(request: SubresourceRequest, target: Target) -> Answer:
    """GET the target and pass its body on as it comes; an error of the kubelet becomes a Status with its text."""
    try:
        backend = await Backend.connect(target.host, target.port, target.tls)
    except BackendError as e:
        raise InternalError(f'Get "{target.url}": {e}', code=500, reason="InternalError") from e
    try:
        with request.http.abandonable():
            await backend.send(_get(target))
            answer = await backend.read_head()
        if not 200 <= answer.status <= 206:
            raise await _kubelet_error(backend, answer)
    except ConnectionError as e:
        backend.close()
        raise InternalError(f'Get "{target.url}": {e}', code=500, reason="InternalError") from e
    except BaseException:
        backend.close()
        raise
    body = BackendBody(backend, answer, is_log=True)
    if request.http.headers.get("upgrade").lower() == "websocket":
        from kajitori.apiserver.serving.websocket import serve_log

        try:
            return await serve_log(request.http, body)
        finally:
            await body.aclose()
    return StreamResponse(body, status=200, content_type="text/plain")


def _get(target: Target) -> bytes:
    """A bare request: nothing of the client's headers is the kubelet's business."""
    path = target.path + (f"?{target.query}" if target.query else "")
    return f"GET {path} HTTP/1.1\r\nHost: {target.authority}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()


async def _kubelet_error(backend: Backend, answer: ResponseHead) -> BadRequest | InternalError | NotFound:
    text = b""
    async for chunk in backend.body(answer):
        text += chunk
        if len(text) >= _ERROR_LIMIT:
            break
    message = text[:_ERROR_LIMIT].decode("utf-8", "replace").strip()
    if answer.status >= 500:
        return InternalError.of(message)
    if answer.status == 404:
        return NotFound(f"the server could not find the requested resource ({message})" if message else "not found")
    return BadRequest(message)


def _path(pod: Object) -> str:
    metadata = pod["metadata"]
    return f"{quote(metadata['namespace'])}/{quote(metadata['name'])}"


def choose_container(pod: Object, wanted: str) -> str:
    """The container a request means. Raises BadRequest with upstream's hint when it is not clear."""
    spec, name = pod.get("spec") or {}, pod["metadata"]["name"]
    regular = [c["name"] for c in spec.get("containers") or ()]
    first = [c["name"] for c in spec.get("initContainers") or ()]
    ephemeral = [c["name"] for c in spec.get("ephemeralContainers") or ()]
    if wanted:
        if wanted in (*regular, *first, *ephemeral):
            return wanted
        raise BadRequest(f"container {wanted} is not valid for pod {name}")
    if len(regular) == 1:
        return str(regular[0])
    if not regular:
        raise BadRequest(f"a container name must be specified for pod {name}")
    hint = f"a container name must be specified for pod {name}, choose one of: [{' '.join(regular)}]"
    if first:
        hint += f" or one of the init containers: [{' '.join(first)}]"
    if ephemeral:
        hint += f" or one of the ephemeral containers: [{' '.join(ephemeral)}]"
    raise BadRequest(hint)


def stream_query(query: Query) -> list[tuple[str, str]]:
    """exec's and attach's flags in the kubelet's words."""
    return [(theirs, "1") for ours, theirs in _STREAM_FLAGS if query.get(ours).lower() in ("true", "1", "t")]


def connect_options(request: SubresourceRequest) -> Object:
    """The query as the options object that admission sees of a connection."""
    query = request.http.query
    flags = ("stdin", "stdout", "stderr", "tty")
    options: Object = {name: query[name].lower() == "true" for name in flags if name in query}
    if command := query.getall("command"):
        options["command"] = command
    if container := query.get("container"):
        options["container"] = container
    kinds = {"exec": "PodExecOptions", "attach": "PodAttachOptions"}
    kind = kinds.get(request.info.subresource, "PodPortForwardOptions")
    return {"kind": kind, "apiVersion": "v1", **options}


def log_query(query: Query) -> list[tuple[str, str]]:
    """The options that the kubelet understands, out of the client's query."""
    out = [(name, "true") for name in _LOG_FLAGS if query.get(name).lower() in ("true", "1", "t")]
    return out + [(name, query[name]) for name in _LOG_VALUES if query.get(name)]


def log_errors(query: Query) -> list[FieldError]:
    """Numbers that are out of range, and options that exclude each other. Raises BadRequest for what is no number."""
    errors: list[FieldError] = []
    for name, least in (("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)):
        text = query.get(name)
        if not text:
            continue
        if not text.lstrip("-").isdigit():
            raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
        if int(text) < least:
            say = "must be greater than 0" if least else "must be greater than or equal to 0"
            errors.append(invalid(Path(name), int(text), say))
    if query.get("sinceSeconds") and query.get("sinceTime"):
        errors.append(forbidden(Path(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    return errors
