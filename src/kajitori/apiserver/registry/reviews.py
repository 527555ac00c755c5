"""Kinds that are asked, never stored: TokenReview, the SubjectAccessReview family, SelfSubjectReview.

May import: hooks, attributes, authentication, authorization, registry.{body,reviewselectors}.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from kajitori.apiserver.attributes import Attributes, Authorizer, Verdict
from kajitori.apiserver.authentication.build import RequestAuthenticator, authenticated
from kajitori.apiserver.authorization.build import UnionAuthorizer
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.registry.body import admitted, read_object
from kajitori.apiserver.registry.reviewselectors import field_term, label_term, read_selector, selector_errors
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import BadRequest, Invalid, Unauthorized
from kajitori.machinery.fieldpath import FieldError, Path, invalid
from kajitori.machinery.fieldselector import FieldSelector
from kajitori.machinery.labels import Selector
from kajitori.machinery.times import format_time

Object = dict[str, Any]
UNKNOWN = "invalid bearer token"
AUTHENTICATION, AUTHORIZATION = "authentication.k8s.io", "authorization.k8s.io"
_RESOURCE, _PATH = Path("spec", "resourceAttributes"), Path("spec", "nonResourceAttributes")


class Review(RegistryHooks):
    """Hooks of a kind whose create is answered on the spot by `answer(request, body)`."""

    def __init__(self, kind: str, answer: Callable[[SubresourceRequest, Object], Coroutine[Any, Any, Object]]) -> None:
        self._kind, self._answer = kind, answer

    def intercept_create(self) -> SubresourceHandler:
        return self._create

    async def _create(self, request: SubresourceRequest) -> Object:
        body = await read_object(request, self._kind)
        whole = {
            "kind": self._kind,
            "apiVersion": request.resource.group_version,
            "metadata": body.get("metadata") or {},
            "spec": body.get("spec") or {},
        }
        return await self._answer(request, await admitted(request, whole))


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
            known = self._authenticator.tokens
            identity = await known.review(token, tuple(spec.get("audiences") or known.api_audiences))
        except Unauthorized as e:
            # upstream asks its loopback token first, which knows no other
            error = e.message if e.message == UNKNOWN else f"[{UNKNOWN}, {e.message}]"
            body["status"] = {"user": {}, "error": error}
            return body
        body["status"] = {"authenticated": True, "user": authenticated(identity.user).wire()}
        if identity.audiences:
            body["status"]["audiences"] = list(identity.audiences)
        return body


async def who_am_i(request: SubresourceRequest, body: Object) -> Object:
    """SelfSubjectReview: `kubectl auth whoami`."""
    body["metadata"] = {"creationTimestamp": format_time(datetime.now(UTC))}
    body.pop("spec", None)  # it has none
    body["status"] = {"userInfo": request.user.wire()}
    return body


class _Access:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def of_subject(self, request: SubresourceRequest, body: Object) -> Object:
        spec = body.get("spec") or {}
        errors = spec_errors(spec, is_self=False) + metadata_errors(body)
        return await self._decide(body, subject_of(spec), "SubjectAccessReview", errors)

    async def of_local_subject(self, request: SubresourceRequest, body: Object) -> Object:
        spec, namespace = body.get("spec") or {}, request.info.namespace
        if (body["metadata"].get("namespace") or namespace) != namespace:
            raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
        body["metadata"]["namespace"] = namespace
        errors = spec_errors(spec, is_self=False) + metadata_errors(body, "namespace")
        asked, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if asked is not None and (asked.get("namespace") or "") != namespace:
            where = _RESOURCE.child("namespace")
            errors.append(invalid(where, asked.get("namespace") or "", "must match metadata.namespace"))
        if other is not None:
            errors.append(invalid(_PATH, other, "disallowed on this kind of request"))
        return await self._decide(body, subject_of(spec), "LocalSubjectAccessReview", errors)

    async def of_self(self, request: SubresourceRequest, body: Object) -> Object:
        errors = spec_errors(body.get("spec") or {}, is_self=True) + metadata_errors(body)
        return await self._decide(body, request.user, "SelfSubjectAccessReview", errors)

    async def _decide(self, body: Object, user: UserInfo, kind: str, errors: list[FieldError]) -> Object:
        if errors:
            raise Invalid.of(AUTHORIZATION, kind, "", errors)
        asked, ignored = question(body.get("spec") or {}, user)
        decision = await self._authorizer.authorize(asked)
        status: Object = {"allowed": decision.allowed}
        if decision.verdict is Verdict.DENY:
            status["denied"] = True
        if decision.reason:
            status["reason"] = decision.reason
        if ignored:
            status["evaluationError"] = "; ".join(ignored)
        body["status"] = status
        return body

    async def rules_of_self(self, request: SubresourceRequest, body: Object) -> Object:
        namespace = (body.get("spec") or {}).get("namespace") or ""
        if not namespace:
            raise BadRequest("no namespace on request")
        rules: list[Object] = []
        is_incomplete, problem = True, "the authorizer does not support user rule resolution"
        if isinstance(self._authorizer, UnionAuthorizer):
            rules, is_incomplete, problem = self._authorizer.rules_for(request.user, namespace)
        body["spec"] = {}
        body["status"] = {
            "resourceRules": [_only(r, _RESOURCE_RULE) for r in rules if r.get("resources")],
            "nonResourceRules": [_only(r, _PATH_RULE) for r in rules if r.get("nonResourceURLs")],
            "incomplete": is_incomplete,
        }
        if problem:
            body["status"]["evaluationError"] = problem
        return body


_RESOURCE_RULE = ("verbs", "apiGroups", "resources", "resourceNames")
_PATH_RULE = ("verbs", "nonResourceURLs")


def _only(rule: Object, fields: tuple[str, ...]) -> Object:
    out = {field: list(rule[field]) for field in fields if rule.get(field)}
    return {"verbs": None, **out}


def subject_of(spec: Object) -> UserInfo:
    """The user that a SubjectAccessReview's spec asks about."""
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    groups = tuple(spec.get("groups") or ())
    return UserInfo(name=spec.get("user") or "", uid=spec.get("uid") or "", groups=groups, extra=extra)


def metadata_errors(body: Object, *but: str) -> list[FieldError]:
    """A review has no name and no labels: nothing keeps it."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in (*but, "managedFields") and value}
    say = "must be empty except for namespace" if but else "must be empty"
    return [invalid(Path("metadata"), body["metadata"], say)] if metadata else []


def spec_errors(spec: Object, *, is_self: bool) -> list[FieldError]:
    """Resource or path, exactly one; a review of others must name somebody; selectors are raw or requirements."""
    errors = []
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and other is not None:
        errors.append(invalid(_PATH, other, "cannot be specified in combination with resourceAttributes"))
    if resource is None and other is None:
        say = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(invalid(_RESOURCE, None, say))
    if not is_self and not spec.get("user") and not spec.get("groups"):
        errors.append(invalid(Path("spec", "user"), "", "at least one of user or group must be specified"))
    for name in ("fieldSelector", "labelSelector"):
        if (resource or {}).get(name) is not None:
            errors += selector_errors(_RESOURCE.child(name), (resource or {})[name])
    return errors


def question(spec: Object, user: UserInfo) -> tuple[Attributes, list[str]]:
    """(what to ask the authorizer for this spec, what of it had to be ignored)."""
    other = spec.get("nonResourceAttributes")
    if other is not None:
        return Attributes(user=user, verb=other.get("verb") or "", path=other.get("path") or ""), []
    asked = spec.get("resourceAttributes") or {}
    fields = read_selector(asked.get("fieldSelector") or {}, field_term, FieldSelector.parse)
    labels = read_selector(asked.get("labelSelector") or {}, label_term, Selector.parse)
    attributes = Attributes(
        user=user,
        verb=asked.get("verb") or "",
        is_resource_request=True,
        group=asked.get("group") or "",
        version=asked.get("version") or "*",
        resource=asked.get("resource") or "",
        subresource=asked.get("subresource") or "",
        namespace=asked.get("namespace") or "",
        name=asked.get("name") or "",
        field_selector=fields.text,
        label_selector=labels.text,
    )
    read = {"fieldSelector": fields, "labelSelector": labels}
    return attributes, [
        f"spec.resourceAttributes.{name} {'partially ' if found.text else ''}ignored due to parse error"
        for name, found in read.items()
        if found.is_broken
    ]
