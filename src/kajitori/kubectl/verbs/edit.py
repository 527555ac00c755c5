"""kubectl edit: live objects in the user's editor; what changed is sent as a patch. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.editing import edited, objects_in, text_of
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.patching import two_way
from kajitori.kubectl.printers.objects import printer_for, without_managed_fields
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SaveConfigOptions, ValidateOptions, with_last_applied
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

MAX_TRIES = 10


@dataclass(frozen=True, kw_only=True)
class EditOptions(OutputOptions, FilenameOptions, ValidateOptions, SaveConfigOptions):
    field_manager: str = flag("kubectl-edit", "Name of the manager used to track field ownership.")
    output_patch: bool = flag(False, "Output the patch if the resource is edited.")
    subresource: str = flag("", "The subresource to edit, e.g. status.")
    windows_line_endings: bool = flag(False, "End lines as Windows does.")


async def run(opts: EditOptions, ctx: Context) -> None:
    found = await find(ctx, Selection(args=opts.args, files=opts, default_all=True))
    found.raise_errors()
    if not found.infos:
        raise UsageError("error: edit cancelled, no objects found")
    shown = [without_managed_fields(info.object) for info in found.infos]
    suffix = ".json" if opts.output == "json" else ".yaml"
    reasons: list[str] = []
    text = text_of(shown, opts.output or "yaml")
    for _ in range(MAX_TRIES):
        came_back = edited(text, suffix=suffix, windows_line_endings=opts.windows_line_endings)
        if came_back == text:
            failed = "error: Edit cancelled, no valid changes were saved."
            ctx.streams.warn(failed if reasons else "Edit cancelled, no changes made.")
            return
        made = objects_in(came_back)
        if not made:
            ctx.streams.warn("Edit cancelled, saved file was empty.")
            return
        reasons = await _send(opts, ctx, found.infos, shown, made)
        if not reasons:
            return
        for reason in reasons:
            ctx.streams.warn(reason)
        text = text_of(made, opts.output or "yaml", reasons=reasons)
    raise UsageError("error: Edit cancelled, too many failed attempts.")


async def _send(
    opts: EditOptions, ctx: Context, infos: list[Info], shown: list[dict[str, Any]], made: list[dict[str, Any]]
) -> list[str]:
    """Sends each change; answers what the server refused."""
    if len(made) != len(infos):
        return ["error: the number of objects in the file changed"]
    from kajitori.kubectl.errors import from_server

    reasons = []
    for info, old, new in zip(infos, shown, made, strict=True):
        if old == new:
            printer_for(opts, "skipped").print(new, ctx.streams.out)
            continue
        wanted = with_last_applied(new) if opts.save_config else new
        body, patch_type = two_way(info.resource, old, wanted)
        try:
            answer = await ctx.client().patch(
                info.resource,
                info.name,
                body,
                namespace=info.namespace or None,
                patch_type=patch_type,
                subresource=opts.subresource,
                field_manager=opts.field_manager,
                field_validation=opts.field_validation,
            )
        except StatusError as error:
            reasons.append(from_server(error))
            continue
        if opts.output_patch:
            from kajitori.kubectl.printers.jsontext import dumps

            ctx.streams.print(f"Patch: {dumps(body, indent=None)}")
        printer_for(opts, "edited").print(answer, ctx.streams.out)
    return reasons


COMMAND = Command(
    name="edit",
    short="Edit a resource on the server",
    long="""Edit a resource from the default editor.

 The objects open in the editor that KUBE_EDITOR or EDITOR names, else in 'vi'. What is saved is sent to the server;
when the server refuses it, the editor opens again with the reasons as comments.""",
    examples="""# A service
kubectl edit svc/registry

# With another editor
KUBE_EDITOR="nano" kubectl edit svc/registry

# As JSON
kubectl edit job.v1.batch/myjob -o json""",
    usage="edit (RESOURCE/NAME | -f FILENAME) [options]",
    options=EditOptions,
    run=run,
    interrupted=1,
)
