"""Server-side apply: the server merges and keeps who owns which field. May import: client, kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.applying.migration import LATER, migrated
from kajitori.kubectl.applying.outcome import Outcome
from kajitori.kubectl.flags import UsageError
from kajitori.machinery.errors import Conflict, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.applying.options import ApplyOptions
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

ADVICE = """\
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""

NOT_AGAIN = f"Warning: failed to re-apply configuration after performing Server-Side Apply migration. {LATER}"


async def apply_server_side(opts: ApplyOptions, ctx: Context, info: Info) -> Outcome:
    """Sends the object as it stands in the file; the answer is the live one.

    Raises `UsageError` without a name, and with upstream's advice where another manager owns a field.
    """
    if not info.name:
        raise UsageError("error: metadata.name is required")
    configuration = info.object
    try:
        made = await _send(opts, ctx, info, configuration)
    except Conflict as error:
        raise UsageError(f"error: {error.message}\n{ADVICE}") from error
    if not opts.subresource and await migrated(opts, ctx, info, made) is not None:
        try:
            made = await _send(opts, ctx, info, configuration)
        except StatusError as error:
            ctx.streams.warn(NOT_AGAIN + error.message)
    return Outcome(info, info.adopt(made), "serverside-applied")


async def _send(opts: ApplyOptions, ctx: Context, info: Info, configuration: dict[str, Any]) -> dict[str, Any]:
    return await ctx.client().patch(
        info.resource,
        info.name,
        configuration,
        namespace=info.namespace or None,
        patch_type="apply",
        subresource=opts.subresource,
        field_manager=opts.manager,
        field_validation=opts.field_validation,
        force=opts.force_conflicts,
        dry_run=opts.dry_run_server,
    )
