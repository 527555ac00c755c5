"""Who may ask the kubelet: client certificates and tokens say who it is, the API server says what they may.

A request becomes a SubjectAccessReview on `nodes/<subresource>` of this node, as upstream maps paths; answers are kept
for a while. Without an API server nobody but an explicit `always_allow` gets in. May import: client, machinery.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.logs import get_logger
from kajitori.kubelet.interfaces import ServerConfig
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.client.rest import Client

log = get_logger(__name__)
ALLOWED_S, DENIED_S, TOKEN_S = 300.0, 30.0, 120.0
MAX_CACHED = 1024
VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
SUBRESOURCES = {"stats": "stats", "metrics": "metrics", "logs": "log", "checkpoint": "checkpoint"}
FINE_GRAINED = {"pods": "pods", "runningpods": "pods", "healthz": "healthz", "configz": "configz"}


@dataclass(frozen=True)
class User:
    """Who asks, as a SubjectAccessReview wants it said."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


class Unavailable(Exception):
    """The API server could not be asked."""


class Gate:
    """Lets a request in (None) or says why not."""

    def __init__(self, config: ServerConfig, client: Client | None, node_name: str, clock: Clock) -> None:
        self._config, self._client, self._node, self._clock = config, client, node_name, clock
        self._known: dict[Any, tuple[float, Any]] = {}

    async def admit(self, request: Request) -> Response | None:
        """None if the request may go on, else the answer: 401, 403, or 500 when the API server cannot be asked."""
        try:
            user = await self._authenticate(request)
            if user is None:
                return Response.text("Unauthorized", 401)
            if self._config.always_allow:
                return None
            return await self._authorize(user, request)
        except Unavailable as err:
            log.info("cannot ask the API server about a request", path=request.path, err=str(err))
            return Response.text("Authorization error\n", 500)

    async def _authenticate(self, request: Request) -> User | None:
        certificate = request.peer_certificate
        if certificate:  # TLS has verified it, long ago perhaps
            ended = ssl.cert_time_to_seconds(certificate["notAfter"]) < self._clock.now().timestamp()
            return None if ended else user_of(certificate)
        scheme, _, token = request.headers.get("authorization").partition(" ")
        if scheme.lower() == "bearer" and token.strip() and self._config.webhook_auth:
            return await self._review_token(token.strip())
        return ANONYMOUS if self._config.anonymous_auth else None

    async def _review_token(self, token: str) -> User | None:
        key = ("token", hashlib.sha256(token.encode()).digest())
        if (known := self._cached(key)) is not None:
            user: User | None = known[0]
            return user
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
        status = await self._ask("/apis/authentication.k8s.io/v1/tokenreviews", body)
        user = None
        if status.get("authenticated"):
            facts = status.get("user") or {}
            groups = tuple(facts.get("groups") or ())
            user = User(facts.get("username", ""), groups, facts.get("uid", ""), facts.get("extra") or {})
        self._keep(key, (user,), TOKEN_S if user else DENIED_S)
        return user

    async def _authorize(self, user: User, request: Request) -> Response | None:
        verb = VERBS.get(request.method, "get")
        wanted = subresources(request.path)
        for subresource in wanted:
            if await self._allowed(user, verb, subresource):
                return None
        what = f"user={user.name}, verb={verb}, resource=nodes, subresource(s)=[{' '.join(wanted)}]"
        return Response.text(f"Forbidden ({what})\n", 403)

    async def _allowed(self, user: User, verb: str, subresource: str) -> bool:
        key = ("access", user.name, user.groups, user.uid, verb, subresource)
        if (known := self._cached(key)) is not None:
            return bool(known)
        attributes = {
            "verb": verb,
            "version": "v1",
            "resource": "nodes",
            "subresource": subresource,
            "name": self._node,
        }
        spec: dict[str, Any] = {"user": user.name, "groups": list(user.groups), "resourceAttributes": attributes}
        if user.uid:
            spec["uid"] = user.uid
        if user.extra:
            spec["extra"] = {name: list(values) for name, values in user.extra.items()}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        status = await self._ask("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
        allowed = bool(status.get("allowed"))
        self._keep(key, allowed, ALLOWED_S if allowed else DENIED_S)
        return allowed

    async def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if self._client is None:
            raise Unavailable("this kubelet has no API server")
        try:
            response = await self._client.raw("POST", path, body=body)
        except (StatusError, OSError) as err:
            raise Unavailable(str(err)) from err
        status: dict[str, Any] = json.loads(response.body).get("status") or {}
        return status

    def _cached(self, key: Any) -> Any:
        entry = self._known.get(key)
        return entry[1] if entry is not None and self._clock.monotonic() < entry[0] else None

    def _keep(self, key: Any, value: Any, seconds: float) -> None:
        if len(self._known) >= MAX_CACHED:
            self._known.clear()
        self._known[key] = self._clock.monotonic() + seconds, value


def user_of(certificate: Mapping[str, Any]) -> User:
    """A verified certificate's user: CN is the name, each O a group."""
    facts = [pair for part in certificate.get("subject", ()) for pair in part]
    name = next((value for key, value in facts if key == "commonName"), "")
    groups = tuple(value for key, value in facts if key == "organizationName")
    return User(name, (*groups, "system:authenticated"))


def subresources(path: str) -> list[str]:
    """What a path asks of the node, most specific first; any of them suffices."""
    first = path.strip("/").split("/", 1)[0]
    if first in SUBRESOURCES:
        return [SUBRESOURCES[first]]
    return [FINE_GRAINED[first], "proxy"] if first in FINE_GRAINED else ["proxy"]
