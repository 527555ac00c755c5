"""Reading what a subresource was sent: a JSON or YAML body of the expected kind, or a patch to apply.

May import: api.{naming,zeros}, hooks, serving.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kajitori.api import naming, zeros
from kajitori.apiserver.admission_types import CREATE, AdmissionRequest
from kajitori.apiserver.hooks import SubresourceRequest
from kajitori.apiserver.serving.decoding import fit, media_type, parse_body
from kajitori.apiserver.serving.patches import patcher
from kajitori.machinery.errors import BadRequest

Object = dict[str, Any]
_LIMIT = 3 << 20


async def read_object(request: SubresourceRequest, kind: str) -> Object:
    """The body as an object. An absent kind is taken for the right one; another is refused."""
    body = await request.http.read(_LIMIT)
    parsed = parse_body(body, request.http.headers.get("content-type")) if body else None
    if not isinstance(parsed, dict):
        raise BadRequest(f"the request body must be a {kind}")
    if parsed.get("kind", kind) != kind:
        raise BadRequest(f"the object provided is unrecognized (must be of type {kind}): {parsed.get('kind')}")
    fit_kind(request, kind, parsed)
    return parsed


def fit_kind(request: SubresourceRequest, kind: str, obj: Object) -> None:
    """Make sure that an object has the shape of its kind. Raises BadRequest."""
    resource = request.resource
    subresource = resource.subresources.get(request.info.subresource)
    group, version, schema = resource.group, resource.version, resource.schema
    if subresource is not None and subresource.kind == kind:
        group = group if subresource.group is None else subresource.group
        version, schema = subresource.version or version, subresource.schema(resource)
    fit(obj, schema, f"{group}/{version}" if group else version, kind)
    if not resource.custom or schema is not resource.schema:
        zeros.settler_of(naming.definition_name(group, version, kind))(obj)


async def admitted(request: SubresourceRequest, obj: Object, *, operation: str = CREATE) -> Object:
    """The object after admission has seen it as this subresource's. Raises what a plugin refuses with."""
    chain = request.admission
    if chain is None:
        return obj
    asked = AdmissionRequest(
        operation=operation,
        resource=request.resource,
        subresource=request.info.subresource,
        namespace=request.info.namespace,
        name=request.info.name,
        object=obj,
        old_object=None,
        user=request.user,
        kind=str(obj.get("kind") or ""),
        dry_run=request.dry_run,
        warnings=request.warnings,
    )
    await chain.admit(asked)
    await chain.validate(asked)
    return asked.object if asked.object is not None else obj


async def edit(request: SubresourceRequest) -> Callable[[Object], Object]:
    """What the request (PUT or PATCH of the parent's own kind) makes of the current object."""
    if request.info.verb == "update":
        replacement = await read_object(request, request.resource.kind)
        return lambda current: replacement
    body = await request.http.read(_LIMIT)
    apply = patcher(media_type(request.http.headers.get("content-type")), body, request.resource.schema)

    def change(current: Object) -> Object:
        patched = apply(current)
        if not isinstance(patched, dict):
            raise BadRequest("the patch does not result in an object")
        fit_kind(request, request.resource.kind, patched)
        return patched

    return change
