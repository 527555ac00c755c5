"""AdmissionReview: what a webhook is asked, and what its answer means. Pure.

May import: admission_types, matching.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson

from kajitori.api.registration import Resource
from kajitori.api.scheme import split_api_version
from kajitori.apiserver.admission.matching.equivalents import is_scale, shown, shows_parent
from kajitori.apiserver.admission_types import AdmissionRequest

Object = dict[str, Any]
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}
_KIND = "AdmissionReview"


class InvalidResponse(Exception):
    """The answer is no AdmissionReview that could be obeyed; worded as upstream words it."""


@dataclass(slots=True)
class Verdict:
    """A webhook's answer, checked; `patch` is a JSON patch."""

    allowed: bool
    status: Object | None = None
    patch: list[Object] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)


def request_of(request: AdmissionRequest, target: Resource, uid: str = "") -> Object:
    """The `request` of a review, which is also the variable `request` of CEL expressions (without the objects)."""
    kind = kind_of(request, target)
    out: Object = {
        "uid": uid,
        "kind": kind,
        "resource": _resource(target),
        "subResource": request.subresource,
        "requestKind": kind_of(request, request.resource),
        "requestResource": _resource(request.resource),
        "requestSubResource": request.subresource,
        "name": request.name,
        "namespace": _namespace(request),
        "operation": request.operation,
        "userInfo": user_of(request),
        "dryRun": request.dry_run,
        "options": options_of(request),
    }
    for key in ("uid", "subResource", "requestSubResource", "name", "namespace"):
        if not out[key]:
            del out[key]
    return out


def review(request: AdmissionRequest, target: Resource, version: str, uid: str) -> Object:
    """The whole AdmissionReview."""
    asked = request_of(request, target, uid)
    asked["object"] = shown(request, request.object, target)
    asked["oldObject"] = shown(request, request.old_object, target)
    return {"kind": _KIND, "apiVersion": f"admission.k8s.io/{version}", "request": asked}


def kind_of(request: AdmissionRequest, target: Resource) -> Object:
    """`kind` or `requestKind` of a review: that of the object as shown to the webhook."""
    if is_scale(request):
        return {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    if shows_parent(request):
        return {"group": target.group, "version": target.version, "kind": target.kind}
    group, version = split_api_version((request.object or {}).get("apiVersion") or request.resource.group_version)
    return {"group": group, "version": version, "kind": request.kind}


def _resource(resource: Resource) -> Object:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def _namespace(request: AdmissionRequest) -> str:
    """A namespace is thought to be in itself."""
    if (request.resource.group, request.resource.plural) == ("", "namespaces"):
        return request.name
    return request.namespace if request.resource.namespaced else ""


def user_of(request: AdmissionRequest) -> Object:
    """`userInfo` of a review."""
    user = request.user
    out: Object = {"username": user.name}
    if user.uid:
        out["uid"] = user.uid
    if user.groups:
        out["groups"] = list(user.groups)
    if user.extra:
        out["extra"] = {key: list(values) for key, values in user.extra.items()}
    return out


def options_of(request: AdmissionRequest) -> Object | None:
    """CreateOptions, UpdateOptions or DeleteOptions; a CONNECT has none."""
    kind = _OPTIONS.get(request.operation)
    if kind is None:
        return None
    out: Object = {**request.options, "kind": kind, "apiVersion": "meta.k8s.io/v1"}
    if request.dry_run:
        out["dryRun"] = ["All"]
    return out


def read_response(data: bytes, version: str, uid: str, *, mutating: bool) -> Verdict:
    """The answer's meaning. Raises InvalidResponse."""
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidResponse(f"couldn't get version/kind; json parse error: {error}") from error
    if not isinstance(answer, dict):
        raise InvalidResponse("couldn't get version/kind; json parse error: not an object")
    response = answer.get("response")
    if not isinstance(response, dict):
        raise InvalidResponse("webhook response was absent")
    if version == "v1":
        _check_v1(answer, response, uid)
    patch = _patch(response, version, mutating=mutating)
    status = response.get("status")
    return Verdict(
        allowed=response.get("allowed") is True,
        status=status if isinstance(status, dict) else None,
        patch=patch,
        warnings=[str(text) for text in response.get("warnings") or ()],
        annotations={str(k): str(v) for k, v in (response.get("auditAnnotations") or {}).items()},
    )


def _check_v1(answer: Object, response: Object, uid: str) -> None:
    if response.get("uid") != uid:
        raise InvalidResponse(f'expected response.uid="{uid}", got "{response.get("uid") or ""}"')
    group, found = split_api_version(answer.get("apiVersion") or "")
    shown_kind = f"{group}/{found}, Kind={answer.get('kind') or ''}"
    expected = f"admission.k8s.io/v1, Kind={_KIND}"
    if shown_kind != expected:
        raise InvalidResponse(f"expected webhook response of {expected}, got {shown_kind}")


def _patch(response: Object, version: str, *, mutating: bool) -> list[Object]:
    patch, kind = response.get("patch"), response.get("patchType")
    if not mutating:
        if version == "v1" and patch:
            raise InvalidResponse("validating webhook may not return response.patch")
        if version == "v1" and kind:
            raise InvalidResponse("validating webhook may not return response.patchType")
        return []
    if not patch:
        if version == "v1" and kind:
            raise InvalidResponse("webhook returned response.patchType but not response.patch")
        return []
    if version == "v1" and not kind:
        raise InvalidResponse("webhook returned response.patch but not response.patchType")
    if kind not in (None, "", "JSONPatch"):
        raise InvalidResponse(f'webhook returned invalid response.patchType of "{kind}"')
    try:
        operations = orjson.loads(base64.b64decode(patch, validate=True))
    except (TypeError, ValueError, binascii.Error) as error:
        raise InvalidResponse(f"webhook returned a patch that cannot be read: {error}") from error
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise InvalidResponse("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    return operations
