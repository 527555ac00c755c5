"""kubectl create: objects from files or stdin; its subcommands make objects from flags.

May import: kubectl.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import HelpfulError, UsageError, flag
from kajitori.kubectl.globals import FilenameOptions
from kajitori.kubectl.manifests.documents import NothingRead
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.kubectl.writing import CreateOptions, SelectorOptions, named_source, with_last_applied
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class CreateFileOptions(CreateOptions, FilenameOptions, SelectorOptions):
    edit: bool = flag(False, "Edit the API resource before creating")
    raw: str = flag("", "Path to POST the file to as it is.")
    windows_line_endings: bool = flag(False, "With --edit, end lines as Windows does.")


async def run(opts: CreateFileOptions, ctx: Context) -> None:
    if opts.args:
        raise HelpfulError("create", f"Unexpected args: [{' '.join(opts.args)}]")
    if not has_files(opts):
        raise UsageError("error: must specify one of -f and -k")
    if opts.raw:
        await _raw(opts, ctx)
        return
    try:
        found = await find(
            ctx, Selection(files=opts, live=False, must_exist=True, schema=opts.field_validation != "Ignore")
        )
    except NothingRead:
        raise UsageError("error: no objects passed to create") from None
    printer = printer_for(opts, "created", dry_run=opts.dry_run)
    infos = found.infos
    if opts.edit:
        from kajitori.kubectl.editing import edit_before_create

        infos = await edit_before_create(infos, windows_line_endings=opts.windows_line_endings)
    for info in _selected(opts, infos):
        try:
            printer.print(await _create(opts, ctx, info), ctx.streams.out)
        except StatusError as error:
            found.errors.append(named_source(error, "creating", info.source))
    found.raise_errors(unknown_last=True)


def _selected(opts: CreateFileOptions, infos: list[Info]) -> list[Info]:
    if not opts.selector:
        return infos
    from kajitori.machinery.labels import Selector

    selector = Selector.parse(opts.selector)
    return [info for info in infos if selector.matches(info.object.get("metadata", {}).get("labels"))]


async def _create(opts: CreateFileOptions, ctx: Context, info: Info) -> dict[str, object]:
    obj = with_last_applied(info.object) if opts.save_config else info.object
    if opts.dry_run_client:
        return obj
    return info.adopt(
        await ctx.client().create(
            info.resource,
            obj,
            namespace=info.namespace or None,
            field_manager=opts.field_manager,
            field_validation=opts.field_validation,
            dry_run=opts.dry_run_server,
        )
    )


async def _raw(opts: CreateFileOptions, ctx: Context) -> None:
    if len(opts.filename) != 1:
        raise UsageError("error: --raw can only use a single local file or stdin")
    name = opts.filename[0]
    data = ctx.streams.in_.read() if name == "-" else _content(name)
    answer = await ctx.client().raw("POST", opts.raw, body=data)
    ctx.streams.out.write(answer.body.decode("utf-8", "replace"))


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"error: open {name}: {(error.strerror or '').lower()}") from error


COMMAND = Command(
    name="create",
    short="Create a resource from a file or from stdin",
    long="""Create a resource from a file or from stdin.

 JSON and YAML formats are accepted.""",
    examples="""# A pod from a file
kubectl create -f ./pod.json

# A pod from stdin
cat pod.json | kubectl create -f -

# Look at the data in an editor first
kubectl create -f registry.yaml --edit -o json""",
    usage="create -f FILENAME [options]",
    options=CreateFileOptions,
    run=run,
    subcommands={
        "clusterrole": "Create a cluster role",
        "clusterrolebinding": "Create a cluster role binding for a particular cluster role",
        "configmap": "Create a config map from a local file, directory or literal value",
        "cronjob": "Create a cron job with the specified name",
        "deployment": "Create a deployment with the specified name",
        "ingress": "Create an ingress with the specified name",
        "job": "Create a job with the specified name",
        "namespace": "Create a namespace with the specified name",
        "poddisruptionbudget": "Create a pod disruption budget with the specified name",
        "priorityclass": "Create a priority class with the specified name",
        "quota": "Create a quota with the specified name",
        "role": "Create a role with single rule",
        "rolebinding": "Create a role binding for a particular role or cluster role",
        "secret": "Create a secret using a specified subcommand",
        "service": "Create a service using a specified subcommand",
        "serviceaccount": "Create a service account with the specified name",
        "token": "Request a service account token",
    },
    package="kajitori.kubectl.verbs.create",
)
