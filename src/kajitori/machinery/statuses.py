"""Failures as clients receive them: a Status from the wire, or a bare code, becomes its error of `machinery.errors`.

May import: machinery.errors, machinery.gotext.
"""

from typing import Any

from kajitori.machinery.errors import (
    AlreadyExists,
    ApplyConflict,
    BadRequest,
    Conflict,
    Expired,
    Forbidden,
    Gone,
    InternalError,
    Invalid,
    MethodNotSupported,
    NotAcceptable,
    NotFound,
    RequestEntityTooLarge,
    ServerTimeout,
    ServiceUnavailable,
    StatusError,
    Timeout,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from kajitori.machinery.gotext import quote

_CLASSES: tuple[type[StatusError], ...] = (
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotSupported,
    NotAcceptable,
    AlreadyExists,
    Conflict,
    Gone,
    Expired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    InternalError,
    ServerTimeout,
    ServiceUnavailable,
    Timeout,
)
_BY_REASON = {kind.REASON: kind for kind in _CLASSES}
_BY_CODE: dict[int, type[StatusError]] = {}
for _kind in _CLASSES:
    _BY_CODE.setdefault(_kind.CODE, _kind)
_BY_CODE[409] = Conflict


def from_status(status: dict[str, Any]) -> StatusError:
    """The error that a Status from the wire stands for; without a known reason it is of the class of its code."""
    code = int(status.get("code") or 500)
    reason = str(status.get("reason") or "")
    kind = _BY_REASON.get(reason) or _BY_CODE.get(code) or StatusError
    details = status.get("details")
    if kind is Conflict and any(c.get("reason") == "FieldManagerConflict" for c in (details or {}).get("causes") or ()):
        kind = ApplyConflict
    return kind(str(status.get("message") or ""), details=details, code=code, reason=reason)


BARE_MESSAGES = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    403: "the server does not allow access to the requested resource",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "the server was unable to respond with a content type that the client supports",
    409: "the server reported a conflict",
    415: "the server was unable to respond with a content type that the client supports",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}
"""What upstream's REST client says of a code that came without a Status."""


def from_response(code: int, body: str = "") -> StatusError:
    """The error for an answer that carries no Status: a proxy's page, a plain 404."""
    kind = _BY_CODE.get(code, InternalError if code >= 500 else StatusError)
    message = BARE_MESSAGES.get(code)
    if message is None:
        message = f"an error on the server ({quote(body)}) has prevented the request from succeeding"
    causes = [{"reason": "UnexpectedServerResponse", "message": body.strip() or "unknown"}]
    return kind(message, details={"causes": causes}, code=code)
