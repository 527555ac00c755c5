"""The words between the handlers and admission: one request, plugins, the chain. May import: user, api.scheme."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from kajitori.api.scheme import Resource
from kajitori.apiserver.user import UserInfo

CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"


@dataclass(slots=True)
class AdmissionRequest:
    """A write on its way in. `admit` may change `object` in place or replace it; `validate` may only refuse.

    `object` is None for DELETE, `old_object` None for CREATE; both are wire dicts with defaults applied. For CONNECT
    (exec, attach, portforward, proxy) `object` holds the options. For a subresource with a kind of its own (scale,
    binding, eviction, token) `object` is of that kind: see `kind`.
    """

    operation: str
    resource: Resource
    subresource: str
    namespace: str
    name: str
    object: dict[str, Any] | None
    old_object: dict[str, Any] | None
    user: UserInfo
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)


class AdmissionPlugin:
    """Base of the plugins: both hooks do nothing by default."""

    name: ClassVar[str]
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE, DELETE, CONNECT})

    async def admit(self, request: AdmissionRequest) -> None:
        """Mutate `request.object`, or raise a StatusError to refuse."""

    async def validate(self, request: AdmissionRequest) -> None:
        """Raise a StatusError to refuse; changes nothing."""

    def handles(self, resource: Resource, subresource: str) -> bool:
        """Whether this plugin cares for a resource at all: asked once, when its chain is built."""
        return True


class AdmissionChain(Protocol):
    """All plugins in their order. `wants` lets the hot path skip building a request."""

    async def admit(self, request: AdmissionRequest) -> None: ...

    async def validate(self, request: AdmissionRequest) -> None: ...
