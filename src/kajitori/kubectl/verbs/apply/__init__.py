"""kubectl apply: brings the cluster to what files say; remembers in an annotation what they said.

The work of one object is in `kubectl.applying`. May import: kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.applying.clientside import apply_client_side
from kajitori.kubectl.applying.options import ApplyOptions
from kajitori.kubectl.applying.outcome import Outcome
from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.printers.objects import NamePrinter, ObjectPrinter, printer_for
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


async def run(opts: ApplyOptions, ctx: Context) -> None:
    if not has_files(opts):
        raise UsageError("error: must specify one of -f and -k")
    found = await find(
        ctx, Selection(files=opts, live=False, must_exist=True, schema=opts.field_validation != "Ignore")
    )
    infos = opts.selected(found.infos)
    if not infos and not found.errors:
        raise UsageError("error: no objects passed to apply")
    outcomes: list[Outcome] = []
    for info in infos:
        try:
            outcomes.append(await _apply(opts, ctx, info))
            if not opts.output:
                outcomes[-1].print(printer_for(opts, outcomes[-1].word, dry_run=opts.dry_run), ctx.streams.out)
        except (StatusError, UsageError) as error:
            found.errors.append(error)
    if opts.output:
        _print_all(opts, ctx, outcomes)
    if opts.prune and not found.errors:
        from kajitori.kubectl.applying.pruning import prune

        await prune(opts, ctx, outcomes)
    found.raise_errors()


def _print_all(opts: ApplyOptions, ctx: Context, outcomes: list[Outcome]) -> None:
    """With -o the objects come at the end: one as it is, several as a List."""
    printer: ObjectPrinter = printer_for(opts)
    if isinstance(printer, NamePrinter) or len(outcomes) == 1:
        for outcome in outcomes:
            outcome.print(printer, ctx.streams.out)
        return
    if outcomes:
        items = [outcome.object for outcome in outcomes]
        printer.print({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}}, ctx.streams.out)


async def _apply(opts: ApplyOptions, ctx: Context, info: Info) -> Outcome:
    if opts.server_side:
        from kajitori.kubectl.applying.serverside import apply_server_side

        return await apply_server_side(opts, ctx, info)
    return await apply_client_side(opts, ctx, info)


COMMAND = Command(
    name="apply",
    short="Apply a configuration to a resource by file name or stdin",
    long="""Apply a configuration to a resource by file name or stdin. The resource name must be specified. What does
not exist yet is created. To use 'apply' later on an object, create it with 'apply' or 'create --save-config'.

 JSON and YAML formats are accepted.""",
    examples="""# What a file says
kubectl apply -f ./pod.json

# A folder with a kustomization.yaml
kubectl apply -k dir/

# From stdin
cat pod.json | kubectl apply -f -

# And delete what is labelled app=nginx but not in the file
kubectl apply --prune -f manifest.yaml -l app=nginx""",
    usage="apply (-f FILENAME | -k DIRECTORY) [options]",
    options=ApplyOptions,
    run=run,
    subcommands={
        "edit-last-applied": "Edit latest last-applied-configuration annotations of a resource/object",
        "set-last-applied": "Set the last-applied-configuration annotation on a live object to match the contents of a "
        "file",
        "view-last-applied": "View the latest last-applied-configuration annotations of a resource/object",
    },
    package="kajitori.kubectl.verbs.apply",
)
