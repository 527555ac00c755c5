"""Failures as the API words them: one tree of Status errors, the same on client and server.

    StatusError
    ├── BadRequest            400
    ├── Unauthorized          401
    ├── Forbidden             403
    ├── NotFound              404
    ├── MethodNotSupported    405
    ├── NotAcceptable         406
    ├── AlreadyExists         409
    ├── Conflict              409
    │   └── ApplyConflict     (causes name the other managers)
    ├── Gone                  410
    │   └── Expired           (a resourceVersion or continue token that is too old)
    ├── RequestEntityTooLarge 413
    ├── UnsupportedMediaType  415
    ├── Invalid               422
    ├── TooManyRequests       429
    ├── InternalError         500
    ├── ServerTimeout         500
    ├── ServiceUnavailable    503
    └── Timeout               504

Each class has an `of` that builds the message in upstream's words; `machinery.statuses` gives the class back from the
wire.

May import: machinery.fieldpath, machinery.gotext.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from kajitori.machinery.fieldpath import FieldError, aggregate
from kajitori.machinery.gotext import quote


class StatusError(Exception):
    """A Status with `status: Failure`. `details` is the wire form: name, group, kind, uid, causes, …"""

    CODE: ClassVar[int] = 500
    REASON: ClassVar[str] = ""
    warnings: Sequence[str] = ()
    """What the server wants the client to hear besides."""

    def __init__(
        self,
        message: str = "",
        *,
        details: dict[str, Any] | None = None,
        code: int | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.code = self.CODE if code is None else code
        self.reason = self.REASON if reason is None else reason

    @property
    def retry_after_s(self) -> int | None:
        """After how many seconds the server would like to be asked again; None if it did not say."""
        seconds = (self.details or {}).get("retryAfterSeconds")
        return int(seconds) if seconds else None

    @property
    def causes(self) -> list[dict[str, Any]]:
        """The single faults: dicts of `reason`, `message` and `field`, each where known."""
        return list((self.details or {}).get("causes") or ())

    def has_cause(self, reason: str) -> bool:
        """Whether one of the causes has this reason."""
        return any(cause.get("reason") == reason for cause in self.causes)

    def to_status(self) -> dict[str, Any]:
        """The Status as it goes over the wire."""
        status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        if self.message:
            status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status

    def __str__(self) -> str:
        return self.message


def qualified(group: str, word: str) -> str:
    """`deployments.apps`, or `pods` for the core group."""
    return f"{word}.{group}" if group else word


def _details(group: str = "", kind: str = "", name: str = "", **more: Any) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if group:
        details["group"] = group
    if kind:
        details["kind"] = kind
    details.update({key: value for key, value in more.items() if value})
    return details


class BadRequest(StatusError):
    """The request makes no sense as it is: a body, parameter or path that cannot be read."""

    CODE, REASON = 400, "BadRequest"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls(message)


class Unauthorized(StatusError):
    """Nobody knows who asks."""

    CODE, REASON = 401, "Unauthorized"

    @classmethod
    def of(cls, message: str = "Unauthorized") -> Self:
        return cls(message)


class Forbidden(StatusError):
    """It is known who asks, and they may not; also what admission refuses."""

    CODE, REASON = 403, "Forbidden"

    @classmethod
    def of(cls, group: str, resource: str, name: str, why: str, causes: Sequence[dict[str, Any]] = ()) -> Self:
        """Names as much as is known: without a name the resource, without a resource only the reason."""
        subject = qualified(group, resource)
        if not resource:
            message = f"forbidden: {why}"
        elif not name:
            message = f"{subject} is forbidden: {why}"
        else:
            message = f"{subject} {quote(name)} is forbidden: {why}"
        return cls(message, details=_details(group, resource, name, causes=list(causes)))


class NotFound(StatusError):
    """There is no such object, resource or path."""

    CODE, REASON = 404, "NotFound"

    @classmethod
    def of(cls, group: str, resource: str, name: str) -> Self:
        return cls(f"{qualified(group, resource)} {quote(name)} not found", details=_details(group, resource, name))

    @classmethod
    def path(cls) -> Self:
        """What a request for a path or resource that is not served gets."""
        return cls("the server could not find the requested resource", details={})


class MethodNotSupported(StatusError):
    """The resource exists but has no such verb."""

    CODE, REASON = 405, "MethodNotAllowed"

    @classmethod
    def of(cls, group: str, resource: str, action: str) -> Self:
        message = f"{action} is not supported on resources of kind {quote(qualified(group, resource))}"
        return cls(message, details=_details(group, resource))


class NotAcceptable(StatusError):
    """No media type that the client accepts can be given."""

    CODE, REASON = 406, "NotAcceptable"

    @classmethod
    def of(cls, accepted: Sequence[str]) -> Self:
        return cls("only the following media types are accepted: " + ", ".join(accepted))


class AlreadyExists(StatusError):
    """The name is taken."""

    CODE, REASON = 409, "AlreadyExists"

    @classmethod
    def of(cls, group: str, resource: str, name: str) -> Self:
        """For a name that the client gave."""
        message = f"{qualified(group, resource)} {quote(name)} already exists"
        return cls(message, details=_details(group, resource, name))

    @classmethod
    def generated_name(cls, group: str, resource: str, name: str) -> Self:
        """For a name that the server made up from `generateName`: another try will probably succeed."""
        subject = f"{qualified(group, resource)} {quote(name)}"
        message = f"{subject} already exists, the server was not able to generate a unique name for the object"
        return cls(message, details=_details(group, resource, name, retryAfterSeconds=1))


class Conflict(StatusError):
    """The object has changed since it was read, or its state does not allow the change: read again, then retry."""

    CODE, REASON = 409, "Conflict"

    @classmethod
    def of(cls, group: str, resource: str, name: str, why: str) -> Self:
        """`why` ends the sentence; `modified` is for versions that differ."""
        message = f"Operation cannot be fulfilled on {qualified(group, resource)} {quote(name)}: {why}"
        return cls(message, details=_details(group, resource, name))

    @classmethod
    def modified(cls, group: str, resource: str, name: str) -> Self:
        """An update on top of an old resourceVersion."""
        why = "the object has been modified; please apply your changes to the latest version and try again"
        return cls.of(group, resource, name, why)


class ApplyConflict(Conflict):
    """Server-side apply met fields of other managers: `conflicts` are (manager as described, field path) pairs."""

    @classmethod
    def between(cls, conflicts: Sequence[tuple[str, str]], message: str) -> Self:
        """`conflicts` are pairs of the other manager (in words) and the path of the field it owns."""
        causes = [
            {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": field}
            for manager, field in conflicts
        ]
        return cls(message, details={"causes": causes})


class Gone(StatusError):
    """What was there is no longer, for good."""

    CODE, REASON = 410, "Gone"

    @classmethod
    def of(cls, message: str) -> Self:
        return cls(message)


class Expired(Gone):
    """A resource version or continue token older than what is kept: list anew."""

    REASON = "Expired"
    continue_token = ""
    """Where a list that began too long ago may go on, with what is there now."""

    def to_status(self) -> dict[str, Any]:
        """With a continue token in `metadata` where one can be offered."""
        status = super().to_status()
        if self.continue_token:
            status["metadata"] = {"continue": self.continue_token}
        return status

    @classmethod
    def too_old(cls, requested: int, oldest: int) -> Self:
        """`oldest` is the first version from which a watch can still begin."""
        return cls(f"too old resource version: {requested} ({oldest})")


class RequestEntityTooLarge(StatusError):
    """The body is over the limit of the server or its store."""

    CODE, REASON = 413, "RequestEntityTooLarge"

    @classmethod
    def of(cls, why: str) -> Self:
        return cls(f"Request entity too large: {why}")


class UnsupportedMediaType(StatusError):
    """The body's media type is none that the resource reads."""

    CODE, REASON = 415, "UnsupportedMediaType"

    @classmethod
    def of(cls, accepted: Sequence[str]) -> Self:
        known = ", ".join(accepted)
        return cls(f"the body of the request was in an unknown format - accepted media types include: {known}")


class Invalid(StatusError):
    """The object was understood and breaks rules of its kind; each cause is one field error."""

    CODE, REASON = 422, "Invalid"

    @classmethod
    def of(cls, group: str, kind: str, name: str, errors: Sequence[FieldError]) -> Self:
        """`kind` as people write it (`Pod`), all errors in one message."""
        message = f"{qualified(group, kind)} {quote(name)} is invalid"
        if errors:
            message += ": " + aggregate(errors)
        causes = [{"reason": e.type.value, "message": e.body(), "field": e.path} for e in errors]
        return cls(message, details=_details(group, kind, name, causes=causes))


class TooManyRequests(StatusError):
    """The server has enough to do, or an eviction would break a disruption budget: come back later."""

    CODE, REASON = 429, "TooManyRequests"

    @classmethod
    def of(cls, message: str, retry_after_s: int = 0, causes: Sequence[dict[str, Any]] = ()) -> Self:
        """Without `retry_after_s` the client is not told when."""
        return cls(message, details=_details(retryAfterSeconds=retry_after_s, causes=list(causes)))


class InternalError(StatusError):
    """Something broke that the client cannot mend."""

    CODE, REASON = 500, "InternalError"

    @classmethod
    def of(cls, why: object) -> Self:
        """`why` is an exception or a text; clients see it."""
        return cls(f"Internal error occurred: {why}", details={"causes": [{"message": str(why)}]})


class ServerTimeout(StatusError):
    """The server could not finish in time; the same request may succeed when it is made again."""

    CODE, REASON = 500, "ServerTimeout"

    @classmethod
    def of(cls, group: str, resource: str, operation: str, retry_after_s: int = 0) -> Self:
        """`operation` is the verb; upstream puts it where the object's name would stand, in `details.name`."""
        subject = qualified(group, resource)
        message = f"The {operation} operation against {subject} could not be completed at this time, please try again."
        return cls(message, details=_details(group, resource, operation, retryAfterSeconds=retry_after_s))


class ServiceUnavailable(StatusError):
    """The server, or one behind it, does not serve now."""

    CODE, REASON = 503, "ServiceUnavailable"

    @classmethod
    def of(cls, why: str, retry_after_s: int = 0) -> Self:
        return cls(why, details=_details(retryAfterSeconds=retry_after_s) or None)


class Timeout(StatusError):
    """The time that the request may take is over; whether it was carried out is not known."""

    CODE, REASON = 504, "Timeout"

    @classmethod
    def of(cls, message: str, retry_after_s: int = 0) -> Self:
        return cls(f"Timeout: {message}", details=_details(retryAfterSeconds=retry_after_s))
