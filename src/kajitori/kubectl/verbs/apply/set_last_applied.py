"""kubectl apply set-last-applied: makes the annotation say what a file says. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.resources.builder import Selection, find
from kajitori.kubectl.writing import LAST_APPLIED, with_last_applied

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context


@dataclass(frozen=True, kw_only=True)
class SetLastAppliedOptions(DryRunOptions, OutputOptions, FilenameOptions):
    create_annotation: bool = flag(False, "Create the annotation where the object has none.")
    kustomize: str = flag("", "Not taken here.", short="k", hidden=True)
    recursive: bool = flag(False, "Not taken here.", short="R", hidden=True)


async def run(opts: SetLastAppliedOptions, ctx: Context) -> None:
    found = await find(ctx, Selection(files=opts, args=opts.args, live=False, must_exist=True))
    found.raise_errors()
    printer = printer_for(opts, "configured", dry_run=opts.dry_run)
    for info in found.infos:
        wanted = with_last_applied(info.object)["metadata"]["annotations"][LAST_APPLIED]
        live = await ctx.client().get(info.resource, info.name, info.namespace or None)
        annotations = live["metadata"].get("annotations") or {}
        if LAST_APPLIED not in annotations and not opts.create_annotation:
            raise UsageError(
                f"error: no last-applied-configuration annotation found on resource: {info.name}, to create the "
                "annotation, run the command with --create-annotation"
            )
        if annotations.get(LAST_APPLIED) != wanted and not opts.dry_run_client:
            live = await ctx.client().patch(
                info.resource,
                info.name,
                {"metadata": {"annotations": {LAST_APPLIED: wanted}}},
                namespace=info.namespace or None,
                dry_run=opts.dry_run_server,
            )
        printer.print(live, ctx.streams.out)


COMMAND = Command(
    name="apply set-last-applied",
    short="Set the last-applied-configuration annotation on a live object to match the contents of a file",
    long="Set the latest last-applied-configuration annotations by setting it to match the contents of a file. The "
    "live object is not changed otherwise, as if 'kubectl apply -f' had been run.",
    examples="# By what a file says\nkubectl apply set-last-applied -f deploy.yaml",
    usage="apply set-last-applied -f FILENAME [options]",
    options=SetLastAppliedOptions,
    run=run,
)
