"""Failures as responses. May import: aiokit.http, machinery.errors, aiokit.logs, protobuf."""

import orjson

from kajitori.aiokit.http.message import BodyTooLarge, Response
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.serving import warnings
from kajitori.apiserver.serving.negotiation import JSON, PROTOBUF, As, Format, negotiate
from kajitori.machinery.errors import BadRequest, InternalError, NotAcceptable, RequestEntityTooLarge, StatusError

log = get_logger("apiserver")
_OBJECTS = frozenset({As.OBJECT})


def status_response(error: StatusError, accept: str = "") -> Response:
    """A Status object with its code, Retry-After where the error says so, and the warnings gathered before it.

    In YAML or protobuf for a client that wants it above all, unless that is what cannot be done.
    """
    headers = [("Retry-After", str(error.retry_after_s))] if error.retry_after_s else []
    if error.warnings:
        headers += warnings.headers(error.warnings)
    wanted = _format(accept) if accept and not isinstance(error, NotAcceptable) else JSON
    if wanted.protobuf:
        from kajitori.apiserver.protobuf.encode import encode

        return Response(encode(error.to_status()), status=error.code, content_type=PROTOBUF, headers=headers)
    if wanted.yaml:
        from kajitori.apiserver.serving.yamltext import dump

        return Response(dump(error.to_status()), status=error.code, content_type=wanted.media_type, headers=headers)
    return Response(orjson.dumps(error.to_status()) + b"\n", status=error.code, headers=headers)


def _format(accept: str) -> Format:
    """What a client gets a Status in: nothing is made of it but what it is."""
    try:
        wanted = negotiate(accept, _OBJECTS)
    except NotAcceptable:
        return JSON
    return wanted if wanted.shape is As.OBJECT else JSON


def as_status_error(error: Exception, what: str) -> StatusError:
    """Any exception as the error a client gets; unexpected ones are logged here, once, with their traceback."""
    if isinstance(error, StatusError):
        return error
    if isinstance(error, BodyTooLarge):
        return RequestEntityTooLarge.of(f"limit is {error.limit}")
    if isinstance(error, RecursionError) or "Recursion limit" in str(error):  # what patches can pile up
        return BadRequest("the body is nested too deeply")
    log.error("request failed", error, request=what)
    return InternalError.of(f"{type(error).__name__}: {error}")
