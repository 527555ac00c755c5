"""What a webhook's answer means: decoded as Go's client decodes it, then held to the rules of AdmissionReview. Pure.

Every fault is told in upstream's words, which say at what step it was found. May import: serving.decoding, machinery.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from kajitori.api.scheme import split_api_version
from kajitori.apiserver.serving.decoding import NO_KIND, json_type, parse_yaml
from kajitori.machinery import jsonsyntax
from kajitori.machinery.errors import BadRequest

Object = dict[str, Any]
_KIND = "AdmissionReview"
_VERSIONS = ("v1", "v1beta1")
_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_SCHEME = "k8s.io/apiserver/pkg/util/webhook/client.go:71"
_GO_TYPES: dict[str, tuple[type, str]] = {
    "uid": (str, "types.UID"),
    "allowed": (bool, "bool"),
    "status": (dict, "v1.Status"),
    "patch": (str, "[]uint8"),
    "patchType": (str, "v1.PatchType"),
    "auditAnnotations": (dict, "map[string]string"),
    "warnings": (list, "[]string"),
}
"""The fields of AdmissionResponse: what JSON holds, and what Go calls it."""


class Unusable(Exception):
    """An answer that cannot be obeyed; the text is what follows the webhook's name."""


def _undecodable(why: str) -> Unusable:
    return Unusable(f"failed to call webhook: {why}")


def _invalid(why: str) -> Unusable:
    return Unusable(f"received invalid webhook response: {why}")


@dataclass(slots=True)
class Verdict:
    """A webhook's answer, checked; `patch` is a JSON patch."""

    allowed: bool
    status: Object | None = None
    patch: list[Object] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)


def read_response(data: bytes, version: str, uid: str, *, mutating: bool) -> Verdict:
    """The meaning of the answer to a review of `version`. Raises Unusable."""
    answer = _decoded(data, version)
    response = answer.get("response")
    if response is None:
        raise _invalid("webhook response was absent")
    if version == "v1":
        _check_v1(answer, response, uid)
    return Verdict(
        allowed=response.get("allowed") is True,
        status=response.get("status"),
        patch=_patch(response, version, mutating=mutating),
        warnings=response.get("warnings") or [],
        annotations=response.get("auditAnnotations") or {},
    )


def _decoded(data: bytes, version: str) -> Object:
    """The review, each field of its response of the right type. An empty one is taken for what was asked for."""
    if not data:
        raise _undecodable("0-length response with status code: 200 and content type: application/json")
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            answer = parse_yaml(data)
        except BadRequest as error:
            raise _undecodable(f"{NO_KIND}: {error.message}") from error
    answer = {} if answer is None else answer
    if not isinstance(answer, dict):
        fault = f"json: cannot unmarshal {json_type(answer)} into Go value of type {_TYPE_META}"
        raise _undecodable(f"{NO_KIND}: {fault}")
    _check_kind(answer, version)
    _check_types(answer)
    return answer


def _check_kind(answer: Object, version: str) -> None:
    api_version, kind = answer.get("apiVersion") or "", answer.get("kind") or ""
    group, found = split_api_version(api_version)
    if (group, found, kind) in (("", "", ""), ("admission.k8s.io", version, _KIND)):
        return
    if group == "admission.k8s.io" and kind == _KIND and found in _VERSIONS:
        raise _undecodable(f"converting ({found}.{_KIND}) to ({version}.{_KIND}): unknown conversion")
    if api_version and kind:
        raise _undecodable(f'no kind "{kind}" is registered for version "{api_version}" in scheme "{_SCHEME}"')


def _check_types(answer: Object) -> None:
    response = answer.get("response")
    if response is not None and not isinstance(response, dict):
        kind = json_type(response)
        raise _undecodable(
            f"json: cannot unmarshal {kind} into Go struct field {_KIND}.response of type v1.AdmissionResponse"
        )
    for name, (wanted, go_type) in _GO_TYPES.items():
        value = (response or {}).get(name)
        if value is not None and not isinstance(value, wanted):
            raise _mistyped(name, value, go_type)
        inner: list[object] = []
        if isinstance(value, list):
            inner = value
        elif isinstance(value, dict) and name == "auditAnnotations":
            inner = list(value.values())
        for item in inner:
            if not isinstance(item, str):
                raise _mistyped(name, item, "string")


def _mistyped(name: str, value: object, go_type: str) -> Unusable:
    kind = json_type(value)
    return _undecodable(
        f"json: cannot unmarshal {kind} into Go struct field AdmissionResponse.response.{name} of type {go_type}"
    )


def _check_v1(answer: Object, response: Object, uid: str) -> None:
    if response.get("uid") != uid:
        raise _invalid(f'expected response.uid="{uid}", got "{response.get("uid") or ""}"')
    group, found = split_api_version(answer.get("apiVersion") or "")
    shown_kind = f"{group}/{found}, Kind={answer.get('kind') or ''}"
    expected = f"admission.k8s.io/v1, Kind={_KIND}"
    if shown_kind != expected:
        raise _invalid(f"expected webhook response of {expected}, got {shown_kind}")


def _patch(response: Object, version: str, *, mutating: bool) -> list[Object]:
    """The operations to carry out; none for a validating webhook."""
    encoded, kind = response.get("patch") or "", response.get("patchType")
    patch = _bytes(encoded)
    if not mutating:
        if version == "v1" and patch:
            raise _invalid("validating webhook may not return response.patch")
        if version == "v1" and kind is not None:
            raise _invalid("validating webhook may not return response.patchType")
        return []
    if not patch:
        if version == "v1" and kind is not None:
            raise _invalid("webhook returned response.patchType but not response.patch")
        return []
    if version == "v1" and kind is None:
        raise _invalid("webhook returned response.patch but not response.patchType")
    if version == "v1" and not kind:
        raise _invalid(f'webhook returned invalid response.patchType of "{kind}"')
    return _operations(patch, kind or "JSONPatch") if response.get("allowed") else []


def _bytes(encoded: str) -> bytes:
    """Raises Unusable."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        strange = re.search(r"[^A-Za-z0-9+/]", encoded.rstrip("="))
        at = strange.start() if strange else len(encoded) // 4 * 4
        raise _undecodable(f"illegal base64 data at input byte {at}") from error


def _operations(patch: bytes, kind: str) -> list[Object]:
    """The patch of an answer that allows. Raises Unusable."""
    undecodable = "received undecodable patch in webhook response: "
    try:
        operations = orjson.loads(patch)
    except orjson.JSONDecodeError as error:
        raise Unusable(undecodable + (jsonsyntax.problem(patch) or str(error))) from error
    operations = [] if operations is None else operations
    if not isinstance(operations, list):
        fault = f"json: cannot unmarshal {json_type(operations)} into Go value of type jsonpatch.Patch"
        raise Unusable(undecodable + fault)
    for operation in operations:
        if not isinstance(operation, dict):
            fault = f"json: cannot unmarshal {json_type(operation)} into Go value of type jsonpatch.Operation"
            raise Unusable(undecodable + fault)
    if operations and kind != "JSONPatch":
        raise Unusable(f'unsupported patch type "{kind}"')
    return operations
