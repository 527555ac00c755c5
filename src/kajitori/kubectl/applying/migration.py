"""From client-side to server-side apply: who applied on the client so far becomes the one who applies on the server.

Without it an object's fields that leave the file would stay for ever, owned by the earlier manager's `Update`. As
upstream: the last-applied annotation gets a manager of its own, so that it does not leave with the others; then the
earlier managers' fields go to the new one, and the configuration is applied once more.
May import: client, machinery.managedfields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.writing import LAST_APPLIED
from kajitori.machinery.errors import Conflict, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.applying.options import ApplyOptions
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
KEEPER = "kubectl-last-applied"
ANNOTATION = ("f:metadata", "f:annotations", f"f:{LAST_APPLIED}")
ATTEMPTS = 5
LATER = "This is non-fatal and will be retried next time you apply. Error: "
NOT_KEPT = f"Warning: failed to migrate {LAST_APPLIED} for Server-Side Apply. {LATER}"
NOT_MOVED = f"Warning: server rejected managed fields migration to Server-Side Apply. {LATER}"


async def migrated(opts: ApplyOptions, ctx: Context, info: Info, applied: Wire) -> Wire | None:
    """The object after the move, to be applied once more; None where there was nothing to move. Failures are told."""
    try:
        live = await _with_kept_annotation(opts, ctx, info, applied)
    except StatusError as error:
        ctx.streams.warn(NOT_KEPT + error.message)
        return None
    try:
        return await _moved(opts, ctx, info, live)
    except StatusError as error:
        ctx.streams.warn(NOT_MOVED + error.message)
        return None


async def _with_kept_annotation(opts: ApplyOptions, ctx: Context, info: Info, live: Wire) -> Wire:
    meta = live["metadata"]
    record = (meta.get("annotations") or {}).get(LAST_APPLIED)
    if opts.manager != "kubectl" or record is None or _owners(meta, "Apply"):
        return live
    names = {key: meta[key] for key in ("name", "namespace") if meta.get(key)}
    body = {key: live[key] for key in ("apiVersion", "kind")} | {
        "metadata": names | {"annotations": {LAST_APPLIED: record}}
    }
    return await ctx.client().patch(
        info.resource,
        info.name,
        body,
        namespace=info.namespace or None,
        patch_type="apply",
        field_manager=KEEPER,
        dry_run=opts.dry_run_server,
    )


async def _moved(opts: ApplyOptions, ctx: Context, info: Info, live: Wire) -> Wire | None:
    namespace = info.namespace or None
    for attempt in range(ATTEMPTS):
        meta = live["metadata"]
        earlier = {one["manager"] for one in _owners(meta, "Update")}
        if not earlier:
            return None
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": with_heir(meta, earlier, opts.manager)},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": meta["resourceVersion"]},
        ]
        try:
            return await ctx.client().patch(
                info.resource, info.name, patch, namespace=namespace, patch_type="json", dry_run=opts.dry_run_server
            )
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
            live = await ctx.client().get(info.resource, info.name, namespace)
    return None


def _owners(meta: Wire, operation: str) -> list[Wire]:
    """The entries that own the last-applied annotation by that operation."""
    from kajitori.machinery.managedfields import fieldset

    return [
        one
        for one in meta.get("managedFields") or ()
        if one.get("operation") == operation
        and not one.get("subresource")
        and fieldset.contains(one.get("fieldsV1") or {}, ANNOTATION)
    ]


def with_heir(meta: Wire, earlier: set[str], heir: str) -> list[Wire]:
    """The managed fields with what the earlier managers own, in the heir's version, added to what the heir applies."""
    from kajitori.machinery.managedfields import fieldset

    entries: list[Wire] = list(meta.get("managedFields") or ())

    def is_earlier(one: Wire) -> bool:
        return one["manager"] in earlier and one.get("operation") == "Update" and not one.get("subresource")

    def is_heir(one: Wire) -> bool:
        return one["manager"] == heir and one.get("operation") == "Apply" and not one.get("subresource")

    leaving = [one for one in entries if is_earlier(one)]
    own = next(filter(is_heir, entries), None)
    if own is None:
        own = leaving[0] | {"manager": heir, "operation": "Apply"}
        entries = [own if one is leaving[0] else one for one in entries]
    fields = [one.get("fieldsV1") or {} for one in leaving if one.get("apiVersion") == own.get("apiVersion")]
    merged = own | {"fieldsV1": fieldset.union_all([own.get("fieldsV1") or {}, *fields])}
    return [merged if one is own else one for one in entries if not is_earlier(one)]
