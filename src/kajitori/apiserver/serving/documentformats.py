"""Discovery and OpenAPI v2 in the forms that clients accept: made as JSON, written as YAML or protobuf for who asks.

It is the outermost layer of those documents: what other servers' parts have been merged into is what is written.
May import: serving.negotiation, protobuf, openapi.v2proto (both when asked for), request, user.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable

import orjson

from kajitori.aiokit.http.message import Answer, Headers, Request, Response
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.serving.negotiation import ACCEPTED, PROTOBUF, As, negotiate
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import NotAcceptable

Handler = Callable[[Request, RequestInfo, UserInfo], Awaitable[Answer]]
JSON, YAML = "application/json", "application/yaml"
_AGGREGATED = {f"g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList" for v in ("v2", "v2beta1")}
_SWAGGER = "application/com.github.proto-openapi.spec.v2"


def wrap(paths: dict[str, Handler], prefixes: dict[str, Handler]) -> None:
    """Put the layer around the handlers of a server."""
    for path in ("/api", "/apis"):
        paths[path] = _discovery(paths[path])
        prefixes[f"{path}/"] = _discovery(prefixes[f"{path}/"])
    paths["/openapi/v2"] = _swagger(paths["/openapi/v2"])


def _discovery(handler: Handler) -> Handler:
    async def handle(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        media, shape = accepted(request.headers.get("accept"), aggregated=info.path.strip("/") in ("api", "apis"))
        if media == JSON:
            return await handler(_asking(request, f"{JSON};{shape}" if shape else JSON), info, user)
        answer = await handler(_asking(request, f"{JSON};{shape}" if shape else JSON), info, user)
        if not isinstance(answer, Response) or answer.status != 200:
            return answer
        write = _as_protobuf if media == PROTOBUF else _as_yaml
        return _written(answer, write(answer.body), f"{media};{shape}" if shape else media)

    return handle


def accepted(accept: str, *, aggregated: bool) -> tuple[str, str]:
    """The media type and, where all groups are asked for at once, the parameters that say so. Raises NotAcceptable."""
    for clause in accept.split(",") if aggregated else ():
        media, *parameters = (part.strip() for part in clause.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        shape = f"g={given.get('g')};v={given.get('v')};as={given.get('as')}"
        if media in ACCEPTED and shape in _AGGREGATED:
            return media, shape
        if "as" not in given and (media in ACCEPTED or media in ("*/*", "application/*")):
            break
    wanted = negotiate(accept, frozenset((As.OBJECT,)))
    if wanted.shape is not As.OBJECT:
        raise NotAcceptable.of(ACCEPTED)
    return wanted.media_type, ""


def _as_protobuf(body: bytes) -> bytes:
    from kajitori.apiserver.protobuf import encode

    return encode.encode({"apiVersion": "v1", **orjson.loads(body)})


def _as_yaml(body: bytes) -> bytes:
    import yaml

    return yaml.safe_dump(orjson.loads(body), default_flow_style=False).encode()


def _swagger(handler: Handler) -> Handler:
    """OpenAPI v2, in gnostic's protobuf for kubectl. Made anew when the JSON has become another."""
    kept: tuple[bytes, bytes] = b"", b""

    async def handle(request: Request, info: RequestInfo, user: UserInfo) -> Answer:
        nonlocal kept
        accept = request.headers.get("accept")
        if not accept or JSON in accept or "*/*" in accept or "application/*" in accept:
            return await handler(request, info, user)
        if _SWAGGER not in accept:
            raise NotAcceptable.of((JSON, f"{_SWAGGER}@v1.0+protobuf"))
        from kajitori.apiserver.openapi import v2proto

        answer = await handler(_asking(request, JSON), info, user)
        if not isinstance(answer, Response) or answer.status != 200:
            return answer
        if kept[0] is not answer.body:
            kept = answer.body, v2proto.encode(orjson.loads(answer.body))
        return _written(answer, kept[1], v2proto.MEDIA_TYPE)

    return handle


def _asking(request: Request, accept: str) -> Request:
    """The same question for another form."""
    asked = copy.copy(request)
    asked.headers = Headers([pair for pair in request.headers.pairs if pair[0] != "accept"] + [("accept", accept)])
    return asked


def _written(answer: Response, body: bytes, content_type: str) -> Response:
    return Response(body, content_type=content_type, headers=answer.headers)
