"""The words between the handlers and admission: one request, plugins, the chain. May import: user, api.registration."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from kajitori.api.registration import Resource
from kajitori.apiserver.user import UserInfo

CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"
AUDIT_ANNOTATIONS: ContextVar[dict[str, str] | None] = ContextVar("audit annotations", default=None)
"""Where a request that is audited collects what admission has to say about it; None: nobody wants to know."""

PATCH_NOTE = "patch.webhook.admission.k8s.io/"
"""Annotations that begin with this show what a request holds: only events that show the request have them."""


@dataclass(slots=True)
class Reinvocation:
    """What a second round of mutation needs to know of the first; made by the first webhook that is called."""

    needed: bool = False
    """A webhook changed the object: the plugins before it look again."""
    second_round: bool = False
    called: set[str] = field(default_factory=set)
    """Webhooks with reinvocationPolicy IfNeeded that saw an object which has not changed since."""
    again: set[str] = field(default_factory=set)
    """Webhooks to call again in the second round."""
    output: dict[str, Any] | None = None
    """A copy of the object as the webhooks of the first round left it."""


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
    reinvocation: Reinvocation | None = None
    converted: dict[Any, Any] | None = None
    """Forms of the objects in other versions, where a webhook had to be asked for them (matching.equivalents)."""

    def annotate(self, key: str, value: str) -> None:
        """Tell the audit log; the first value of a key stays."""
        notes = AUDIT_ANNOTATIONS.get()
        if notes is not None:
            notes.setdefault(key, value)


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

    async def admit(self, request: AdmissionRequest) -> None:
        """Lets every mutating plugin change the object; raises a StatusError to refuse."""

    async def validate(self, request: AdmissionRequest) -> None:
        """Asks every validating plugin; raises a StatusError to refuse."""
