"""kubectl apply edit-last-applied: the annotation in the user's editor. May import: kubectl."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.editing import LAST_APPLIED_HEADER, body_of, discard, launched, objects_in
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import LAST_APPLIED, ValidateOptions, configuration_of

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class EditLastAppliedOptions(OutputOptions, FilenameOptions, ValidateOptions):
    field_manager: str = flag("kubectl-client-side-apply", "Name of the manager used to track field ownership.")
    windows_line_endings: bool = flag(False, "End lines as Windows does.")


async def run(opts: EditLastAppliedOptions, ctx: Context) -> None:
    found = await find(ctx, Selection(args=opts.args, files=opts, default_all=True))
    found.raise_errors()
    for info in found.infos:
        text = (info.object["metadata"].get("annotations") or {}).get(LAST_APPLIED)
        if not text:
            raise UsageError(f"error: no last-applied-configuration annotation found on resource: {info.name}")
        shown = LAST_APPLIED_HEADER + body_of([json.loads(text)], opts.output or "yaml")
        came_back, file = launched(shown, windows_line_endings=opts.windows_line_endings)
        discard(file)
        made = objects_in(came_back) if came_back != shown else []
        if not made:
            ctx.streams.warn("Edit cancelled, no changes made.")
            continue
        answer = await ctx.client().patch(
            info.resource,
            info.name,
            {"metadata": {"annotations": {LAST_APPLIED: configuration_of(made[0])}}},
            namespace=info.namespace or None,
            field_manager=opts.field_manager,
        )
        printer_for(opts, "edited").print(answer, ctx.streams.out)


COMMAND = Command(
    name="apply edit-last-applied",
    short="Edit latest last-applied-configuration annotations of a resource/object",
    long="Edit the latest last-applied-configuration annotations of resources from the default editor.",
    examples="# Of a deployment\nkubectl apply edit-last-applied deployment/nginx",
    usage="apply edit-last-applied (RESOURCE/NAME | -f FILENAME) [options]",
    options=EditLastAppliedOptions,
    run=run,
)
