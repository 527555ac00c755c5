"""kubectl edit: live objects in the user's editor; what changed is sent as a patch. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.editing import Reason, body_of, discard, header, launched, objects_in, without_comments
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import FilenameOptions, OutputOptions
from kajitori.kubectl.patching import two_way
from kajitori.kubectl.printers.objects import printer_for, without_managed_fields
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import SaveConfigOptions, ValidateOptions, with_last_applied
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from pathlib import Path

    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class EditOptions(OutputOptions, FilenameOptions, ValidateOptions, SaveConfigOptions):
    field_manager: str = flag("kubectl-edit", "Name of the manager used to track field ownership.")
    output_patch: bool = flag(False, "Output the patch if the resource is edited.")
    subresource: str = flag("", "The subresource to edit, e.g. status.")
    windows_line_endings: bool = flag(False, "End lines as Windows does.")


async def run(opts: EditOptions, ctx: Context) -> int:
    found = await find(ctx, Selection(args=opts.args, files=opts, default_all=True))
    found.raise_errors()
    if not found.infos:
        raise UsageError("error: edit cancelled, no objects found")
    shown = [without_managed_fields(info.object) for info in found.infos]
    body = original = body_of(shown, opts.output or "yaml")
    suffix = ".json" if opts.output == "json" else ".yaml"
    reasons: list[Reason] = []
    last: Path | None = None
    while True:
        came_back, file = launched(
            header(reasons) + body, suffix=suffix, windows_line_endings=opts.windows_line_endings
        )
        text = without_comments(came_back.replace("\r\n", "\n"))
        discard(last)
        last = file
        if reasons and text == body:
            raise _kept(ctx, file, UsageError("error: Edit cancelled, no valid changes were saved."))
        if text == original or not text.strip():
            discard(file)
            what = "no changes made" if text == original else "saved file was empty"
            ctx.streams.warn(f"Edit cancelled, {what}.")
            return 0
        body = text
        try:
            made = objects_in(text)
        except UsageError as error:
            reasons = [_unreadable(ctx, found.infos[0], str(error))]
            continue
        try:
            outcome = await _send(opts, ctx, found.infos, shown, made)
        except UsageError as error:
            raise _kept(ctx, file, error) from None
        if (code := outcome.told(ctx, file)) is not None:
            return code
        reasons = outcome.invalid


def _unreadable(ctx: Context, first: Info, text: str) -> Reason:
    """Upstream blames the first object for a file that is no YAML."""
    name = f'{first.resource.group_resource} "{first.name}"'
    ctx.streams.warn(f"error: {name} is invalid")
    why = text.rpartition("error converting YAML to JSON: ")[2]
    return Reason(f"{name} was not valid", (f'<nil>: Invalid value: "The edited file failed validation": {why}',))


def _kept(ctx: Context, file: Path, error: UsageError) -> UsageError:
    ctx.streams.warn(f'A copy of your changes has been stored to "{file}"')
    return error


@dataclass
class Outcome:
    """What became of the changes: `invalid` ones are edited again, the others leave a file behind."""

    invalid: list[Reason] = field(default_factory=list)
    refused: int = 0
    missing: int = 0

    def add(self, ctx: Context, info: Info, error: StatusError) -> None:
        """Counts a refused patch by its reason and tells of it; `Invalid` ones come back to the editor."""
        name = f'{info.resource.group_resource} "{info.name}"'
        if error.reason == "Invalid":
            causes = (error.details or {}).get("causes") or ()
            found = tuple(f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in causes)
            self.invalid.append(Reason(f"{name} was not valid", found))
            ctx.streams.warn(f"error: {name} is invalid")
        elif error.reason == "NotFound":
            self.missing += 1
            ctx.streams.warn(f"error: {name} could not be found on the server")
        else:
            self.refused += 1
            ctx.streams.warn(f"error: {name} could not be patched: {error.message}")

    def told(self, ctx: Context, file: Path) -> int | None:
        """The exit code, or None where the user is to edit again."""
        if self.refused:
            ctx.streams.warn(f"You can run `kubectl replace -f {file}` to try this update again.")
            return 1
        if self.missing:
            ctx.streams.warn(f'The edits you made on deleted resources have been saved to "{file}"')
            return 1
        if self.invalid:
            return None
        discard(file)
        return 0


async def _send(
    opts: EditOptions, ctx: Context, infos: list[Info], shown: list[dict[str, Any]], made: list[dict[str, Any]]
) -> Outcome:
    """Sends each change. Raises UsageError where the objects are no longer the same ones."""
    if len(made) != len(infos):
        raise UsageError("error: the number of objects in the file changed")
    if any(_identity(old) != _identity(new) for old, new in zip(shown, made, strict=True)):
        raise UsageError("error: At least one of apiVersion, kind and name was changed")
    outcome = Outcome()
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
            outcome.add(ctx, info, error)
            continue
        if opts.output_patch:
            from kajitori.kubectl.printers.jsontext import dumps

            ctx.streams.print(f"Patch: {dumps(body, indent=None)}")
        printer_for(opts, "edited").print(answer, ctx.streams.out)
    return outcome


def _identity(obj: dict[str, Any]) -> tuple[object, ...]:
    return obj.get("apiVersion"), obj.get("kind"), (obj.get("metadata") or {}).get("name")


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
