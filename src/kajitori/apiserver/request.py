"""RequestInfo: what a URL asks for, in Kubernetes' words. Pure. May import: aiokit.http, machinery."""

from typing import NamedTuple

from kajitori.aiokit.http.message import Query, Request
from kajitori.machinery.fieldselector import FieldSelector

_NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})
_METHOD_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SELECTING = frozenset({"list", "watch", "deletecollection"})
_NO = frozenset({"0", "false"})


class RequestInfo(NamedTuple):
    """For resource requests every field is set; for others only `verb` (the lower-case method) and `path`.

    `parts` are the path's segments from the resource on: resource, name, subresource, and the rest for proxies.
    """

    verb: str
    path: str
    is_resource_request: bool = False
    prefix: str = ""
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    parts: tuple[str, ...] = ()
    field_selector: str = ""
    label_selector: str = ""
    """As given, of list, watch and deletecollection: what authorizers may look at."""


def parse_request_info(request: Request) -> RequestInfo:
    """Split a path as upstream's RequestInfoFactory does: /api/v1/… and /apis/GROUP/VERSION/…."""
    path = request.path
    segments = path.strip("/").split("/") if not path.startswith("//") else [""]
    if segments[0] == "api" and len(segments) >= 3:
        group, version, rest = "", segments[1], segments[2:]
    elif segments[0] == "apis" and len(segments) >= 4:
        group, version, rest = segments[1], segments[2], segments[3:]
    else:
        return RequestInfo(verb=request.method.lower(), path=path)
    return _resource_request(request, segments[0], group, version, rest)


def _resource_request(request: Request, prefix: str, group: str, version: str, rest: list[str]) -> RequestInfo:
    verb = _METHOD_VERBS.get(request.method, "")
    if rest[0] in ("watch", "proxy"):  # the deprecated /watch/ prefix
        verb, rest = rest[0], rest[1:]
        if not rest:
            return RequestInfo(verb=request.method.lower(), path=request.path)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _NAMESPACE_SUBRESOURCES:
            rest = rest[2:]
    resource = rest[0]
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    fields = labels = ""
    if not name:
        verb, name = _collection_verb(verb, request.query)
        if request.raw_query and verb in _SELECTING:
            fields, labels = request.query.get("fieldSelector"), request.query.get("labelSelector")
    return RequestInfo(
        verb=verb,
        path=request.path,
        is_resource_request=True,
        prefix=prefix,
        group=group,
        version=version,
        namespace=namespace,
        resource=resource,
        name=name,
        subresource=subresource,
        parts=tuple(rest),
        field_selector=fields,
        label_selector=labels,
    )


def _collection_verb(verb: str, query: Query) -> tuple[str, str]:
    """The verb for a collection, and the one name a field selector restricts it to (so RBAC by name works)."""
    if verb == "delete":
        return "deletecollection", ""
    if verb != "get":
        return verb, ""
    verb = "watch" if "watch" in query and query["watch"].lower() not in _NO else "list"
    return verb, _selected_name(query.get("fieldSelector"))


def _selected_name(selector: str) -> str:
    """The name that a field selector demands, if it demands one that can be a name."""
    if "metadata.name" not in selector:
        return ""
    try:
        name = FieldSelector.parse(selector).exact("metadata.name") or ""
    except ValueError:
        return ""
    return "" if name in (".", "..") or "/" in name or "%" in name else name
