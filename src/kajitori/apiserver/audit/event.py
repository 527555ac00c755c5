"""Audit events (audit.k8s.io/v1) from what is known of a request, and their lines in the log. Pure.

May import: request, user, machinery.times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from kajitori.aiokit.http.message import Request
from kajitori.apiserver.request import RequestInfo
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_micro_time

Object = dict[str, Any]
_ORDER = (
    "kind",
    "apiVersion",
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user",
    "impersonatedUser",
    "sourceIPs",
    "userAgent",
    "objectRef",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations",
)
_REFERENCE = ("resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")
_STATUS_FIELDS = ("status", "message", "reason", "details", "code")


def basics(audit_id: str, request: Request, info: RequestInfo, received: datetime) -> Object:
    """What is known as soon as a request is here."""
    event: Object = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "",
        "auditID": audit_id,
        "stage": "",
        "requestURI": request.raw_path + (f"?{request.raw_query}" if request.raw_query else ""),
        "verb": info.verb,
        "user": {},
        "sourceIPs": source_ips(request),
        "userAgent": request.headers.get("user-agent")[:1024],
        "requestReceivedTimestamp": format_micro_time(received),
    }
    if info.is_resource_request:
        event["objectRef"] = object_reference(info)
    return event


def source_ips(request: Request) -> list[str]:
    """Where it came from, by what proxies on the way say, and last the peer."""
    ips = [part.strip() for part in request.headers.get("x-forwarded-for").split(",") if part.strip()]
    real = request.headers.get("x-real-ip").strip()
    if real and real not in ips:
        ips.append(real)
    if request.peer[0] and (not ips or ips[-1] != request.peer[0]):
        ips.append(request.peer[0])
    return ips


def object_reference(info: RequestInfo) -> Object:
    """An event's objectRef from the request's path; empty fields are left out."""
    reference = {
        "resource": info.resource,
        "namespace": info.namespace,
        "name": info.name,
        "apiGroup": info.group,
        "apiVersion": info.version,
        "subresource": info.subresource,
    }
    return {key: value for key, value in reference.items() if value}


def complete_reference(event: Object, body: Any) -> None:
    """What the object of the request says of itself and the URL does not."""
    reference = event.get("objectRef")
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if reference is None or not isinstance(metadata, dict):
        return
    for field in ("namespace", "name", "uid", "resourceVersion"):
        if metadata.get(field) and field not in reference:
            reference[field] = metadata[field]


def response_status(code: int, body: Any) -> Object:
    """The answer's code, and its Status when it is one."""
    status: Object = {"metadata": {}, "code": code}
    if isinstance(body, dict) and body.get("kind") == "Status":
        status |= {field: body[field] for field in _STATUS_FIELDS if body.get(field)}
    return status


def ordered(event: Object) -> Object:
    """The event with its fields in the order of the type."""
    out = {field: event[field] for field in _ORDER if field in event}
    if "objectRef" in out:
        out["objectRef"] = {field: out["objectRef"][field] for field in _REFERENCE if field in out["objectRef"]}
    if "annotations" in out:
        out["annotations"] = dict(sorted(out["annotations"].items()))
    return out


def truncated(event: Object) -> Object:
    """What is left of an event that is too large: who asked what, and how it ended."""
    kept = {field: event[field] for field in event if field not in ("requestObject", "responseObject")}
    return {**kept, "annotations": {**(event.get("annotations") or {}), "audit.k8s.io/truncated": "true"}}


def limited(line_of: Callable[[Object], bytes], largest: int) -> Callable[[Object], bytes]:
    """`line_of` for events of so many bytes at most (0: any): what is larger is cut, or b"" if that does not help."""
    if not largest:
        return line_of

    def line(event: Object) -> bytes:
        for text in (line_of(event), line_of(truncated(event))):
            if len(text) <= largest:
                return text
        return b""

    return line


def shown_request(body: Any) -> Any:
    """Options of a deletion are shown as upstream's server reads them: of no outer version."""
    if isinstance(body, dict) and body.get("kind") == "DeleteOptions":
        return {**body, "apiVersion": "meta.k8s.io/__internal"}
    return body


def without_managed_fields(body: Any) -> Any:
    """The object, or list of objects, without metadata.managedFields."""
    if isinstance(body, dict):
        for one in (body, *(body.get("items") or ())):
            metadata = one.get("metadata") if isinstance(one, dict) else None
            if isinstance(metadata, dict):
                metadata.pop("managedFields", None)
    return body


def json_line(event: Object) -> bytes:
    """One line of the log, newline included."""
    return orjson.dumps(event) + b"\n"


def legacy_line(event: Object) -> bytes:
    """--audit-log-format=legacy: one line of text."""
    asking, acting = event["user"], event.get("impersonatedUser") or {}
    groups = ",".join(quote(group) for group in asking.get("groups") or ()) or "<none>"
    as_groups = ",".join(quote(group) for group in acting.get("groups") or ()) or "<lookup>"
    code = (event.get("responseStatus") or {}).get("code")
    fields = {
        "id": event["auditID"],
        "stage": event["stage"],
        "ip": (event["sourceIPs"] or ["<unknown>"])[0],
        "method": event["verb"],
        "user": asking.get("username") or "<none>",
        "groups": groups,
        "as": acting.get("username") or "<self>",
        "asgroups": as_groups,
        "user-agent": event["userAgent"],
        "namespace": (event.get("objectRef") or {}).get("namespace") or "<none>",
        "uri": event["requestURI"],
    }
    told = " ".join(f"{name}={quote(value)}" for name, value in fields.items())
    response = code if code is not None else "<deferred>"
    return f'{event["requestReceivedTimestamp"]} AUDIT: {told} response="{response}"\n'.encode()
