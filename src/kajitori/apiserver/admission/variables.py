"""The variables of CEL expressions in admission: object, oldObject, request, params, namespaceObject, authorizer.

A Scope holds one request as one target sees it; values are made when first needed. May import: cel, matching, deps.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from kajitori import cel
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.matching.equivalents import shown
from kajitori.apiserver.admission.matching.target import namespace_of
from kajitori.apiserver.admission.webhooks.review import request_of
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.attributes import Attributes, Authorizer, Decision
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.user import ALL_AUTHENTICATED, UserInfo
from kajitori.cel.authorizer import AuthorizerValue, Question
from kajitori.cel.authorizer import Decision as CelDecision

Object = dict[str, Any]


class Scope:
    """One request, seen as `target`, with one params object (or None)."""

    def __init__(
        self,
        request: AdmissionRequest,
        target: Resource,
        reader: Reader,
        authorizer: Authorizer | None,
        *,
        params: Object | None = None,
        budget: cel.Budget | None = None,
    ) -> None:
        self.budget = budget or cel.Budget()
        self.bindings: dict[str, Any] = {
            "object": shown(request, request.object, target),
            "oldObject": shown(request, request.old_object, target),
            "request": request_of(request, target),
            "namespaceObject": _namespace(request, reader),
            "authorizer": _authorizer_value(request, authorizer),
            "params": params,
        }

    def evaluate(self, program: cel.Program) -> Any:
        """Raises CelError."""
        return program.evaluate(self.bindings, self.budget)


def _namespace(request: AdmissionRequest, reader: Reader) -> Object | None:
    if not request.resource.namespaced or not request.namespace:
        return None
    found = namespace_of(request.namespace, reader)
    metadata = dict(found["metadata"])
    metadata["UID"] = metadata.pop("uid", "")
    metadata.pop("managedFields", None)
    return {"metadata": metadata, "spec": found.get("spec") or {}, "status": found.get("status") or {}}


def _authorizer_value(request: AdmissionRequest, authorizer: Authorizer | None) -> AuthorizerValue:
    resource = request.resource
    own = Question(
        group=resource.group,
        resource=resource.plural,
        subresource=request.subresource,
        namespace=request.namespace if resource.namespaced else "",
        name=request.name,
    )

    def ask(question: Question) -> CelDecision:
        if authorizer is None:
            return CelDecision(False, error="there is no authorizer")
        attributes = attributes_of(question, request)
        try:
            decision = _at_once(authorizer.authorize(attributes))
        except Exception as error:  # noqa: BLE001 (expressions may ask what went wrong)
            return CelDecision(False, error=str(error))
        return CelDecision(decision.allowed, decision.reason)

    return AuthorizerValue(ask, own)


def attributes_of(question: Question, request: AdmissionRequest) -> Attributes:
    """What `authorizer.…check()` asks: for the request's user, or for a service account."""
    user = request.user
    if question.account is not None:
        namespace, name = question.account
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", ALL_AUTHENTICATED)
        user = UserInfo(f"system:serviceaccount:{namespace}:{name}", groups=groups)
    if question.path:
        return Attributes(user, question.verb, path=question.path)
    return Attributes(
        user,
        question.verb,
        is_resource_request=True,
        group=question.group,
        version="*",
        resource=question.resource,
        subresource=question.subresource,
        namespace=question.namespace,
        name=question.name,
    )


def _at_once(asking: Coroutine[Any, Any, Decision]) -> Decision:
    """The decision of an authorizer that knows it without waiting, as ours do: expressions are evaluated in one go."""
    try:
        asking.send(None)
    except StopIteration as done:
        decision: Decision = done.value
        return decision
    asking.close()
    raise RuntimeError("the authorizer has to wait for its decision")
