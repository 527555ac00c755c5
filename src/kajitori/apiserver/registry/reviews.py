"""Kinds that are asked, never stored: TokenReview, the SubjectAccessReview family, SelfSubjectReview.

May import: hooks, attributes, authentication, authorization, registry.body.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from kajitori.apiserver.attributes import Attributes, Authorizer, Verdict
from kajitori.apiserver.authentication.build import RequestAuthenticator, authenticated
from kajitori.apiserver.authorization.build import UnionAuthorizer
from kajitori.apiserver.authorization.rules import compact
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.registry.body import read_object
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import BadRequest, Invalid, Unauthorized
from kajitori.machinery.fieldpath import FieldError, Path, invalid

Object = dict[str, Any]
AUTHENTICATION, AUTHORIZATION = "authentication.k8s.io", "authorization.k8s.io"


class Review(RegistryHooks):
    """Hooks of a kind whose create is answered on the spot by `answer(request, body)`."""

    def __init__(self, kind: str, answer: Callable[[SubresourceRequest, Object], Coroutine[Any, Any, Object]]) -> None:
        self._kind, self._answer = kind, answer

    def intercept_create(self) -> SubresourceHandler:
        return self._create

    async def _create(self, request: SubresourceRequest) -> Object:
        body = await read_object(request, self._kind)
        body["kind"], body["apiVersion"] = self._kind, request.resource.group_version
        body.setdefault("metadata", {}).setdefault("creationTimestamp", None)
        return await self._answer(request, body)


def build_reviews(authenticator: RequestAuthenticator, authorizer: Authorizer) -> dict[str, RegistryHooks]:
    """The hooks by group resource."""
    access = _Access(authorizer)
    tokens = _Tokens(authenticator)
    return {
        f"tokenreviews.{AUTHENTICATION}": Review("TokenReview", tokens.review),
        f"selfsubjectreviews.{AUTHENTICATION}": Review("SelfSubjectReview", who_am_i),
        f"subjectaccessreviews.{AUTHORIZATION}": Review("SubjectAccessReview", access.of_subject),
        f"localsubjectaccessreviews.{AUTHORIZATION}": Review("LocalSubjectAccessReview", access.of_local_subject),
        f"selfsubjectaccessreviews.{AUTHORIZATION}": Review("SelfSubjectAccessReview", access.of_self),
        f"selfsubjectrulesreviews.{AUTHORIZATION}": Review("SelfSubjectRulesReview", access.rules_of_self),
    }


class _Tokens:
    def __init__(self, authenticator: RequestAuthenticator) -> None:
        self._authenticator = authenticator

    async def review(self, request: SubresourceRequest, body: Object) -> Object:
        spec = body.get("spec") or {}
        token = spec.get("token") or ""
        if not token:
            raise BadRequest("token is required for TokenReview in authentication")
        try:
            identity = await self._authenticator.tokens.review(token, tuple(spec.get("audiences") or ()))
        except Unauthorized as e:
            body["status"] = {"user": {}, "error": e.message}
            return body
        body["status"] = {"authenticated": True, "user": authenticated(identity.user).wire()}
        if spec.get("audiences"):
            body["status"]["audiences"] = list(identity.audiences)
        return body


async def who_am_i(request: SubresourceRequest, body: Object) -> Object:
    """SelfSubjectReview: `kubectl auth whoami`."""
    body["status"] = {"userInfo": request.user.wire()}
    return body


class _Access:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def of_subject(self, request: SubresourceRequest, body: Object) -> Object:
        return await self._decide(body, subject_of(body.get("spec") or {}), "SubjectAccessReview")

    async def of_local_subject(self, request: SubresourceRequest, body: Object) -> Object:
        spec, namespace = body.get("spec") or {}, request.info.namespace
        if body["metadata"].setdefault("namespace", namespace) != namespace:
            raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
        user, at = subject_of(spec), Path("spec")
        errors = spec_errors(spec, user, is_self=False)
        asked, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if asked is not None and (asked.get("namespace") or "") != namespace:
            where = at.child("resourceAttributes").child("namespace")
            errors.append(invalid(where, asked.get("namespace") or "", "must match metadata.namespace"))
        if other is not None:
            errors.append(invalid(at.child("nonResourceAttributes"), other, "disallowed on this kind of request"))
        if errors:
            raise Invalid.of(AUTHORIZATION, "LocalSubjectAccessReview", "", errors)
        return await self._decide(body, user, "LocalSubjectAccessReview")

    async def of_self(self, request: SubresourceRequest, body: Object) -> Object:
        return await self._decide(body, request.user, "SelfSubjectAccessReview", is_self=True)

    async def _decide(self, body: Object, user: UserInfo, kind: str, *, is_self: bool = False) -> Object:
        spec = body.get("spec") or {}
        errors = spec_errors(spec, user, is_self=is_self)
        if errors:
            raise Invalid.of(AUTHORIZATION, kind, "", errors)
        decision = await self._authorizer.authorize(question(spec, user))
        status: Object = {"allowed": decision.allowed}
        if decision.verdict is Verdict.DENY:
            status["denied"] = True
        if decision.reason:
            status["reason"] = decision.reason
        body["status"] = status
        return body

    async def rules_of_self(self, request: SubresourceRequest, body: Object) -> Object:
        namespace = (body.get("spec") or {}).get("namespace") or ""
        if not namespace:
            raise BadRequest("no namespace on request")
        rules: list[Object] = []
        missing = "the authorizer does not support user rule resolution"
        if isinstance(self._authorizer, UnionAuthorizer):
            rules, missing = self._authorizer.rules_for(request.user, namespace)
        body["status"] = {
            "resourceRules": [_resource_rule(r) for r in compact(rules) if not r.get("nonResourceURLs")],
            "nonResourceRules": [
                {"verbs": r.get("verbs") or [], "nonResourceURLs": r["nonResourceURLs"]}
                for r in rules
                if r.get("nonResourceURLs")
            ],
            "incomplete": bool(missing),
        }
        if missing:
            body["status"]["evaluationError"] = missing
        return body


def _resource_rule(rule: Object) -> Object:
    fields = ("verbs", "apiGroups", "resources", "resourceNames")
    return {field: list(rule[field]) for field in fields if rule.get(field)}


def subject_of(spec: Object) -> UserInfo:
    """The user that a SubjectAccessReview's spec asks about; keys of extra in lower case."""
    extra = {key.lower(): tuple(values) for key, values in (spec.get("extra") or {}).items()}
    groups = tuple(spec.get("groups") or ())
    return UserInfo(name=spec.get("user") or "", uid=spec.get("uid") or "", groups=groups, extra=extra)


def spec_errors(spec: Object, user: UserInfo, *, is_self: bool) -> list[FieldError]:
    """Resource or path, exactly one; a review of others must name somebody."""
    errors = []
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    path = Path("spec")
    if resource is not None and other is not None:
        say = "cannot be specified in combination with resourceAttributes"
        errors.append(invalid(path.child("nonResourceAttributes"), other, say))
    if resource is None and other is None:
        say = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(invalid(path.child("resourceAttributes"), None, say))
    if not is_self and not user.name and not user.groups:
        errors.append(invalid(path.child("user"), "", "at least one of user or group must be specified"))
    return errors


def question(spec: Object, user: UserInfo) -> Attributes:
    """What to ask the authorizer for this spec."""
    other = spec.get("nonResourceAttributes")
    if other is not None:
        return Attributes(user=user, verb=other.get("verb") or "", path=other.get("path") or "")
    asked = spec.get("resourceAttributes") or {}
    return Attributes(
        user=user,
        verb=asked.get("verb") or "",
        is_resource_request=True,
        group=asked.get("group") or "",
        version=asked.get("version") or "",
        resource=asked.get("resource") or "",
        subresource=asked.get("subresource") or "",
        namespace=asked.get("namespace") or "",
        name=asked.get("name") or "",
        field_selector=selector_text(asked.get("fieldSelector") or {}),
        label_selector=selector_text(asked.get("labelSelector") or {}),
    )


def selector_text(given: Object) -> str:
    """A review's selector as a URL would say it."""
    if given.get("rawSelector"):
        return str(given["rawSelector"])
    terms = []
    for one in given.get("requirements") or ():
        key, values = one.get("key") or "", list(one.get("values") or ())
        match one.get("operator"):
            case "In":
                terms.append(f"{key}={values[0]}" if len(values) == 1 else f"{key} in ({','.join(values)})")
            case "NotIn":
                terms.append(f"{key}!={values[0]}" if len(values) == 1 else f"{key} notin ({','.join(values)})")
            case "Exists":
                terms.append(key)
            case "DoesNotExist":
                terms.append(f"!{key}")
    return ",".join(terms)
