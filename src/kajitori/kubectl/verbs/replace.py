"""kubectl replace: puts whole objects in the place of live ones. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.manifests.documents import NothingRead
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.kubectl.writing import SaveConfigOptions, ValidateOptions, named_source, with_last_applied
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class ReplaceOptions(DryRunOptions, OutputOptions, FilenameOptions, SaveConfigOptions, ValidateOptions):
    cascade: str = flag("background", "With --force, what becomes of dependents.", no_value="background")
    field_manager: str = flag("kubectl-replace", "Name of the manager used to track field ownership.")
    force: bool = flag(False, "Delete the object at once and create it anew.")
    grace_period: int = flag(-1, "With --force, seconds that the object gets to end gracefully.")
    raw: str = flag("", "Path to PUT the file to as it is.")
    subresource: str = flag("", "The subresource to replace: status or scale.")
    timeout: Duration = flag(Duration(0), "With --force, how long to wait for the deletion.")
    wait: bool = flag(False, "Wait for a deleted object to be gone.")


async def run(opts: ReplaceOptions, ctx: Context) -> None:
    if not has_files(opts):
        raise UsageError("error: must specify one of -f and -k")
    try:
        found = await find(
            ctx, Selection(files=opts, live=False, must_exist=True, schema=opts.field_validation != "Ignore")
        )
    except NothingRead:
        raise UsageError("error: no objects passed to replace") from None
    printer = printer_for(opts, "replaced", dry_run=opts.dry_run)
    for info in found.infos:
        try:
            printer.print(await _replace(opts, ctx, info), ctx.streams.out)
        except StatusError as error:
            found.errors.append(named_source(error, "replacing", info.source))
    found.raise_errors(unknown_last=True)


async def _replace(opts: ReplaceOptions, ctx: Context, info: Info) -> dict[str, Any]:
    obj = with_last_applied(info.object) if opts.save_config else info.object
    if opts.dry_run_client:
        return obj
    client, namespace = ctx.client(), info.namespace or None
    if opts.force:
        await _delete(opts, ctx, info)
        return await client.create(
            info.resource, obj, namespace=namespace, field_manager=opts.field_manager, dry_run=opts.dry_run_server
        )
    if not (obj.get("metadata") or {}).get("resourceVersion"):
        live = await client.get(info.resource, info.name, namespace)
        obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}}
    return await client.update(
        info.resource,
        obj,
        subresource=opts.subresource,
        field_manager=opts.field_manager,
        field_validation=opts.field_validation,
        dry_run=opts.dry_run_server,
    )


async def _delete(opts: ReplaceOptions, ctx: Context, info: Info) -> None:
    from kajitori.kubectl.waiting import until_gone

    grace = opts.grace_period if opts.grace_period >= 0 else 0
    try:
        answer = await ctx.client().delete(
            info.resource,
            info.name,
            info.namespace or None,
            grace_period_s=grace,
            propagation_policy=opts.cascade.capitalize(),
        )
    except NotFound:
        return
    ctx.streams.print(
        f'{info.kind_name} "{info.name}" deleted from {info.namespace} namespace'
        if info.namespace
        else f'{info.kind_name} "{info.name}" deleted'
    )
    uid = str((answer.get("metadata") or answer.get("details") or {}).get("uid") or "")
    await until_gone(ctx, [(info, uid)], timeout_s=float(opts.timeout) or 7 * 86400.0)


COMMAND = Command(
    name="replace",
    short="Replace a resource by file name or stdin",
    long="""Replace a resource by file name or stdin.

 JSON and YAML formats are accepted. The whole object must be given, as 'kubectl get TYPE NAME -o yaml' prints it.""",
    examples="""# By what a file says
kubectl replace -f ./pod.json

# From stdin
cat pod.json | kubectl replace -f -

# Delete and create anew
kubectl replace --force -f ./pod.json""",
    usage="replace -f FILENAME [options]",
    options=ReplaceOptions,
    run=run,
)
