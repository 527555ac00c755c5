"""Failures as responses. May import: aiokit.http, machinery.errors, aiokit.logs, protobuf."""

import orjson

from kajitori.aiokit.http.message import BodyTooLarge, Response
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.serving import warnings
from kajitori.apiserver.serving.negotiation import PROTOBUF
from kajitori.machinery.errors import BadRequest, InternalError, NotAcceptable, RequestEntityTooLarge, StatusError

log = get_logger("apiserver")


def status_response(error: StatusError, accept: str = "") -> Response:
    """A Status object with its code, Retry-After where the error says so, and the warnings gathered before it.

    In protobuf for a client that wants it above all, unless that is what cannot be done.
    """
    headers = [("Retry-After", str(error.retry_after_s))] if error.retry_after_s else []
    if error.warnings:
        headers += warnings.headers(error.warnings)
    if accept.startswith(PROTOBUF) and not isinstance(error, NotAcceptable):
        from kajitori.apiserver.protobuf.encode import encode

        return Response(encode(error.to_status()), status=error.code, content_type=PROTOBUF, headers=headers)
    return Response(orjson.dumps(error.to_status()) + b"\n", status=error.code, headers=headers)


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
