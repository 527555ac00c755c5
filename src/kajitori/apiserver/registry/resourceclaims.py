"""Claims of devices that ask for administrators' access (`adminAccess`), which only some namespaces give: those with
the label `resource.kubernetes.io/admin-access: "true"`. What is asked for never changes, nor does what was granted.

May import: api.resource, deps, hooks, objects.validation, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kajitori.api.resource.allocations import results
from kajitori.apiserver.deps import Reader, ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, WriteContext
from kajitori.apiserver.objects.validation import validate_metadata
from kajitori.machinery.errors import Invalid
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, internal

Object = dict[str, Any]
LABEL = "resource.kubernetes.io/admin-access"
_REQUESTS = Path("spec", "devices", "requests")
_RESULTS = Path("status", "allocation", "devices", "results")
_REFUSED = f"admin access to devices requires the `{LABEL}: true` label on the containing namespace"


class ClaimHooks(RegistryHooks):
    """Of ResourceClaims and their templates. The refusal comes with everything else that is wrong, before it."""

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        spec = obj.get("spec") or {}
        spec = (spec.get("spec") or {}) if ctx.resource.kind == "ResourceClaimTemplate" else spec
        requests = (spec.get("devices") or {}).get("requests") or ()
        wanted = position(request.get("exactly") or {} for request in requests)
        if wanted is not None and (errors := refusal(self._reader, ctx.namespace, _REQUESTS.index(wanted))):
            errors += validate_metadata(ctx.resource, obj, None) + ctx.resource.strategy.validate(obj)
            raise Invalid.of(ctx.resource.group, ctx.resource.kind, ctx.name, errors)

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        if ctx.subresource != "status" or position(results(old.get("status") or {})) is not None:
            return
        granted = position(results(obj.get("status") or {}))
        if granted is not None and (errors := refusal(self._reader, ctx.namespace, _RESULTS.index(granted))):
            errors += validate_metadata(ctx.resource, obj, old) + ctx.resource.strategy.validate_status_update(obj, old)
            raise Invalid.of(ctx.resource.group, ctx.resource.kind, ctx.name, errors)


def position(asking: Iterable[Mapping[str, Any]]) -> int | None:
    """The first that has administrators' access."""
    return next((at for at, one in enumerate(asking) if one.get("adminAccess")), None)


def refusal(reader: Reader, namespace: str, at: Path) -> list[FieldError]:
    """What there is against it."""
    where, found = at.child("adminAccess"), reader.get("", "namespaces", "", namespace)
    if found is None:
        why = f'could not retrieve namespace to verify admin access: namespaces "{namespace}" not found'
        return [internal(where, why)]
    return [] if (found["metadata"].get("labels") or {}).get(LABEL) == "true" else [forbidden(where, _REFUSED)]
