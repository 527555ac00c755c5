"""Kubernetes' authorizer library: `authorizer.group('apps').resource('deployments').check('update').allowed()`.

Who asks an authorizer binds the variable `authorizer` (of type AUTHORIZER) to an `AuthorizerValue`; how the question is
answered is a function of its own. May import: cel.*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kajitori.cel.overloads import Library, Overload
from kajitori.cel.types import BOOL, STRING, ObjectType, Type

CHECK_COST = 350_000
"""A question to the authorizer costs as much as a third of what one evaluation may."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an authorizer said."""

    allowed: bool
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `account` is (namespace, name) of a ServiceAccount to ask for instead of the user."""

    verb: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""
    account: tuple[str, str] | None = None


Ask = Callable[[Question], Decision]


@dataclass(frozen=True, slots=True)
class Check:
    """A question that is still being put together: the value of path, group and resource checks."""

    ask: Ask
    question: Question


class AuthorizerValue(dict[str, Any]):
    """The value of `authorizer`; its one field is `requestResource`, the request's own resource."""

    def __init__(self, ask: Ask, own: Question, account: tuple[str, str] | None = None) -> None:
        super().__init__(requestResource=Check(ask, replace(own, account=account)))
        self.ask, self.own, self.account = ask, own, account


DECISION = Type("kubernetes.authorization.Decision")
PATH_CHECK = Type("kubernetes.authorization.PathCheck")
GROUP_CHECK = Type("kubernetes.authorization.GroupCheck")
RESOURCE_CHECK = Type("kubernetes.authorization.ResourceCheck")
AUTHORIZER = ObjectType("kubernetes.authorization.Authorizer", {"requestResource": RESOURCE_CHECK})

LIBRARY = Library()
method = LIBRARY.method


@method("path", AUTHORIZER, STRING, result=PATH_CHECK)
def _path(authorizer: AuthorizerValue, path: str) -> Check:
    return Check(authorizer.ask, Question(path=path, account=authorizer.account))


@method("group", AUTHORIZER, STRING, result=GROUP_CHECK)
def _group(authorizer: AuthorizerValue, group: str) -> Check:
    return Check(authorizer.ask, Question(group=group, account=authorizer.account))


@method("serviceAccount", AUTHORIZER, STRING, STRING, result=AUTHORIZER)
def _service_account(authorizer: AuthorizerValue, namespace: str, name: str) -> AuthorizerValue:
    return AuthorizerValue(authorizer.ask, authorizer.own, (namespace, name))


def _setter(field: str) -> Callable[[Check, str], Check]:
    def change(check: Check, value: str) -> Check:
        changes: dict[str, Any] = {field: value}
        return Check(check.ask, replace(check.question, **changes))

    return change


LIBRARY.add(Overload("resource", (GROUP_CHECK, STRING), RESOURCE_CHECK, _setter("resource"), member=True))
for _name, _field in (
    ("subresource", "subresource"),
    ("namespace", "namespace"),
    ("name", "name"),
    ("fieldSelector", "field_selector"),
    ("labelSelector", "label_selector"),
):
    LIBRARY.add(Overload(_name, (RESOURCE_CHECK, STRING), RESOURCE_CHECK, _setter(_field), member=True))


def _check(check: Check, verb: str) -> Decision:
    return check.ask(replace(check.question, verb=verb))


for _type in (PATH_CHECK, RESOURCE_CHECK):
    LIBRARY.add(Overload("check", (_type, STRING), DECISION, _check, member=True, cost=lambda _: CHECK_COST))
LIBRARY.add(Overload("allowed", (DECISION,), BOOL, lambda decision: decision.allowed, member=True))
LIBRARY.add(Overload("reason", (DECISION,), STRING, lambda decision: decision.reason, member=True))
LIBRARY.add(Overload("errored", (DECISION,), BOOL, lambda decision: bool(decision.error), member=True))
LIBRARY.add(Overload("error", (DECISION,), STRING, lambda decision: decision.error, member=True))
