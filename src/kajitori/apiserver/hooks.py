"""Per-resource rules that need I/O, and subresources of their own: what registry/ plugs into the generic handlers.

May import: aiokit.http, user, request, admission_types, api.registration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kajitori.aiokit.http.message import Answer, Request
from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import AdmissionChain
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo


@dataclass(slots=True)
class WriteContext:
    """What a hook may know about the write it takes part in."""

    resource: Resource
    user: UserInfo
    namespace: str
    name: str
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)
    options: Mapping[str, Any] = field(default_factory=dict)
    subresource: str = ""


@dataclass(slots=True)
class SubresourceRequest:
    """A request to a subresource that registry/ or proxying/ answers itself."""

    resource: Resource
    info: RequestInfo
    user: UserInfo
    http: Request
    dry_run: bool = False
    field_manager: str = ""
    warnings: list[str] = field(default_factory=list)
    admission: AdmissionChain | None = None
    """For handlers whose body is an object of its own (a token, an eviction): registry.body.admitted asks it."""


class SubresourceHandler(Protocol):
    """Answers one subresource, all verbs of it: look at `request.info.verb`.

    Returns a wire dict (sent as 200, or 201 for a create; errors are raised as StatusError) or a finished `Answer`
    for streams and raw bytes. The body comes from `await request.http.read()`.
    """

    async def __call__(self, request: SubresourceRequest) -> dict[str, Any] | Answer: ...


class ComputedObjects(Protocol):
    """Objects that are worked out when somebody asks and never stored. Both raise StatusError."""

    async def all(self) -> list[dict[str, Any]]:
        """Every object there is, as wire dicts."""

    async def one(self, name: str) -> dict[str, Any]:
        """Raises NotFound."""


class RegistryHooks:
    """Base of a resource's hooks: every one does nothing. Each may raise a StatusError to refuse the write.

    Called after admission's mutation and before validation: `before_create` and `before_update` may change `obj`.
    `abort_create` undoes `before_create` (a dry run, a failed validation or store write); `after_*` run once the store
    has acknowledged, and never on a dry run.
    """

    async def before_create(self, ctx: WriteContext, obj: dict[str, Any]) -> None:
        """Last change before validation; what it takes elsewhere, `abort_create` gives back."""

    async def abort_create(self, ctx: WriteContext, obj: dict[str, Any]) -> None:
        """The object was not written after all."""

    async def after_create(self, ctx: WriteContext, obj: dict[str, Any]) -> None:
        """`obj` is as stored."""

    async def before_update(self, ctx: WriteContext, obj: dict[str, Any], old: dict[str, Any]) -> None:
        """Last change before validation, given the object that is stored now."""

    async def abort_update(self, ctx: WriteContext, obj: dict[str, Any], old: dict[str, Any]) -> None:
        """The update was not written after all."""

    async def after_update(self, ctx: WriteContext, obj: dict[str, Any], old: dict[str, Any]) -> None:
        """`obj` is as stored, `old` as it was before."""

    async def before_delete(self, ctx: WriteContext, obj: dict[str, Any]) -> None:
        """Called for every delete, also one that will only mark the object."""

    async def after_delete(self, ctx: WriteContext, obj: dict[str, Any]) -> None:
        """The object is gone from the store; `obj` is as it was last."""

    def intercept_create(self) -> SubresourceHandler | None:
        """A handler for kinds that are never stored (TokenReview, SubjectAccessReview): create answers by it."""
        return None

    def computed(self) -> ComputedObjects | None:
        """Who answers get and list of kinds that are never stored (ComponentStatus)."""
        return None

    def subresources(self) -> Mapping[str, SubresourceHandler]:
        """Subresources answered here. `status` and `scale` have generic handlers and need none."""
        return {}
