"""ServerDeps: what the parts of the API server get from it. May import: config, user, metrics, api.scheme,
aiokit.clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.http.message import Answer, Request
from kajitori.api.scheme import Scheme
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import LOOPBACK_USER, UserInfo
from kajitori.storage.interface import Store

Object = dict[str, Any]


class Reader(Protocol):
    """Reads from the watch caches: synchronous, as fresh as the last acknowledged write of this server.

    The dicts are shared: never change one (copy it first).
    """

    def get(self, group: str, plural: str, namespace: str, name: str) -> Object | None:
        """None if it is not there; the namespace is "" where the resource has none."""

    def list(self, group: str, plural: str, namespace: str = "") -> Iterable[Object]:
        """All objects, of one namespace when one is given."""

    def revision(self, group: str, plural: str) -> int:
        """Grows whenever an object of this resource changes: compare it to keep derived indexes."""


class Writer(Protocol):
    """Writes through the whole request path (defaults, admission, validation, hooks), as `user`.

    Raises machinery.errors.StatusError, exactly as a client would see it.
    """

    async def create(self, group: str, plural: str, obj: Object, *, user: UserInfo = LOOPBACK_USER) -> Object:
        """The object as it was written; `obj` itself stays as it is."""

    async def update(
        self, group: str, plural: str, obj: Object, *, subresource: str = "", user: UserInfo = LOOPBACK_USER
    ) -> Object:
        """Replaces the object that `obj` names, its resourceVersion being the condition if it has one."""

    async def delete(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        *,
        options: Mapping[str, Any] | None = None,
        user: UserInfo = LOOPBACK_USER,
    ) -> Object:
        """`options` are DeleteOptions on the wire; returns the object, as it is being deleted or as it was last."""

    async def guaranteed_update(
        self,
        group: str,
        plural: str,
        namespace: str,
        name: str,
        change: "Change",
        *,
        subresource: str = "",
        user: UserInfo = LOOPBACK_USER,
        dry_run: bool = False,
    ) -> Object:
        """Read, let `change` edit the object in place, write; again from the start on a conflict.

        `change` may raise a StatusError. An object that it leaves as it was is not written; what it returns says
        nothing, so a function that tells whether it changed something will do.
        """


class Change(Protocol):
    """Edits an object in place."""

    def __call__(self, obj: Object, /) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class ServerDeps:
    """Handed to build_authenticator, build_authorizer, build_admission, build_registry and proxying."""

    config: ServerConfig
    scheme: Scheme
    clock: Clock
    reader: Reader
    writer: Writer
    shared_store: Store | None = None
    """Set where several servers share a store: for what they must agree on and no object of the API shows."""
    metrics: Metrics = field(default_factory=Metrics)
    """What the parts count with."""


class RawHandler(Protocol):
    """A handler for non-resource paths that a part registers (`/openid/v1/jwks`, …)."""

    async def __call__(self, request: Request, info: RequestInfo, user: UserInfo) -> Answer: ...
