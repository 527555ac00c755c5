"""One write as others see it: admission's request, the hooks' context. May import: api, admission_types, hooks."""

from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.hooks import WriteContext
from kajitori.apiserver.objects.options import WriteOptions

Object = dict[str, Any]


def context(
    resource: Resource, namespace: str, name: str, options: WriteOptions, subresource: str = ""
) -> WriteContext:
    """What the hooks of a resource get to know."""
    return WriteContext(
        resource=resource,
        user=options.user,
        namespace=namespace,
        name=name,
        dry_run=options.dry_run,
        warnings=options.warnings,
        options=options.raw,
        subresource=subresource,
    )


def admission_request(
    operation: str,
    resource: Resource,
    namespace: str,
    options: WriteOptions,
    *,
    obj: Object | None = None,
    old: Object | None = None,
    subresource: str = "",
) -> AdmissionRequest:
    """What admission decides on. A deletion has only an `old` object."""
    shown = obj if obj is not None else old
    return AdmissionRequest(
        operation=operation,
        resource=resource,
        subresource=subresource,
        namespace=namespace,
        name=((shown or {}).get("metadata") or {}).get("name", ""),
        object=obj,
        old_object=old,
        user=options.user,
        kind=resource.kind,
        options=options.raw,
        dry_run=options.dry_run,
        warnings=options.warnings,
    )
