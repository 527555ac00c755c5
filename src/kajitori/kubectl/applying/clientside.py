"""Client-side apply: a three-way merge of the last applied, the wanted and the live configuration.

May import: client, kubectl, machinery.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.applying.outcome import Outcome
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.patching import three_way
from kajitori.kubectl.writing import LAST_APPLIED, named_source, with_last_applied
from kajitori.machinery.errors import Conflict, Invalid, NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.applying.options import ApplyOptions
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
MAX_CONFLICTS = 5
MISSING = (
    "Warning: resource {} is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required "
    "by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create "
    "--save-config or kubectl apply. The missing annotation will be patched automatically."
)


async def apply_client_side(opts: ApplyOptions, ctx: Context, info: Info) -> Outcome:
    """Creates the object, or patches the live one. Raises StatusError with the file's name in it."""
    if not info.name:
        return await _generate(opts, ctx, info)
    wanted = with_last_applied(info.object)
    client = ctx.client()
    try:
        live = await client.get(info.resource, info.name, info.namespace or None)
    except NotFound:
        return await _create(opts, ctx, info, wanted)
    except StatusError as error:
        raise named_source(error, "retrieving current configuration of", info.source) from None
    annotations = (live.get("metadata") or {}).get("annotations") or {}
    if LAST_APPLIED not in annotations:
        ctx.streams.warn(MISSING.format(f"{info.resource.plural}/{info.name}"))
    if opts.dry_run_client:
        return _guess(info, live)
    return await _patch(opts, ctx, info, live, wanted)


async def _generate(opts: ApplyOptions, ctx: Context, info: Info) -> Outcome:
    meta = info.object.get("metadata") or {}
    if meta.get("generateName"):
        raise UsageError(f"error: from {meta['generateName']}: cannot use generate name with apply")
    raise UsageError("error: resource name may not be empty")


async def _create(opts: ApplyOptions, ctx: Context, info: Info, wanted: Wire) -> Outcome:
    if opts.dry_run_client:
        return Outcome(info, wanted, "created")
    try:
        made = await ctx.client().create(
            info.resource,
            wanted,
            namespace=info.namespace or None,
            field_manager=opts.manager,
            field_validation=opts.field_validation,
            dry_run=opts.dry_run_server,
        )
    except StatusError as error:
        raise named_source(error, "creating", info.source) from None
    return Outcome(info, info.adopt(made), "created")


def original_of(live: Wire) -> Wire:
    """What was applied last, by the annotation of the live object."""
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return {}
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def difference(info: Info, live: Wire, wanted: Wire) -> tuple[Wire, Any]:
    """The patch and its type; empty where nothing is to be done."""
    body, patch_type = three_way(info.resource, original_of(live), wanted, live)
    return body, patch_type


def _guess(info: Info, live: Wire) -> Outcome:
    """Without the server's help: upstream looks no closer and says configured, with the live object."""
    return Outcome(info, live, "configured")


async def _patch(opts: ApplyOptions, ctx: Context, info: Info, live: Wire, wanted: Wire) -> Outcome:
    for attempt in range(MAX_CONFLICTS + 1):
        body, patch_type = difference(info, live, wanted)
        if not body:
            return Outcome(info, info.adopt(live), "unchanged")
        try:
            made = await ctx.client().patch(
                info.resource,
                info.name,
                body,
                namespace=info.namespace or None,
                patch_type=patch_type,
                field_manager=opts.manager,
                field_validation=opts.field_validation,
                dry_run=opts.dry_run_server,
            )
            return Outcome(info, info.adopt(made), "configured")
        except Conflict:
            if attempt == MAX_CONFLICTS:
                raise
            live = await ctx.client().get(info.resource, info.name, info.namespace or None)
        except Invalid as error:
            if opts.force:
                return await _replace(opts, ctx, info, wanted)
            raise _failed(info, body, error) from None
        except StatusError as error:
            raise _failed(info, body, error) from None
    raise AssertionError("the last attempt returns or raises")


def _failed(info: Info, body: Wire, error: StatusError) -> StatusError:
    """The error with the patch that was refused and where it came from."""
    from kajitori.kubectl.printers.jsontext import dumps

    plural = f"{info.resource.group}/{info.resource.version}, Resource={info.resource.plural}"
    kind = f"{info.resource.group}/{info.resource.version}, Kind={info.resource.kind}"
    error.message = (
        f"error when applying patch:\n{dumps(body, indent=None)}\nto:\n"
        f'Resource: "{plural}", GroupVersionKind: "{kind}"\n'
        f'Name: "{info.name}", Namespace: "{info.namespace}"\nfor: "{info.source}": error when patching '
        f'"{info.source}": {error.message}'
    )
    return error


async def _replace(opts: ApplyOptions, ctx: Context, info: Info, wanted: Wire) -> Outcome:
    """--force: delete, wait until it is gone, create."""
    from kajitori.kubectl.waiting import until_gone

    answer = await ctx.client().delete(
        info.resource,
        info.name,
        info.namespace or None,
        grace_period_s=opts.grace_period if opts.grace_period >= 0 else None,
        propagation_policy=opts.cascade.capitalize(),
    )
    uid = str((answer.get("metadata") or answer.get("details") or {}).get("uid") or "")
    await until_gone(ctx, [(info, uid)], timeout_s=float(opts.timeout) or 7 * 86400.0)
    outcome = await _create(opts, ctx, info, wanted)
    return Outcome(info, outcome.object, "configured")
