"""AdmissionReview: what a webhook is asked. Pure; what it may answer is answer.py's.

May import: admission_types, matching.
"""

from __future__ import annotations

from typing import Any

from kajitori.api.registration import Resource
from kajitori.api.scheme import split_api_version
from kajitori.apiserver.admission.matching.equivalents import is_scale, shown, shows_parent
from kajitori.apiserver.admission_types import AdmissionRequest

Object = dict[str, Any]
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}
_KIND = "AdmissionReview"


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
        "userInfo": request.user.wire(),
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


def options_of(request: AdmissionRequest) -> Object | None:
    """CreateOptions, UpdateOptions or DeleteOptions; a CONNECT has none."""
    kind = _OPTIONS.get(request.operation)
    if kind is None:
        return None
    out: Object = {**request.options, "kind": kind, "apiVersion": "meta.k8s.io/v1"}
    if request.dry_run:
        out["dryRun"] = ["All"]
    return out
