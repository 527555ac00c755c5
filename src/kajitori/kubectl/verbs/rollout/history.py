"""kubectl rollout history: the revisions of a workload, or one of them in full. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import OutputOptions
from kajitori.kubectl.printers.names import qualified
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.rollouts.revisions import CHANGE_CAUSE, Revision, revisions_of
from kajitori.kubectl.rollouts.showing import template_text
from kajitori.kubectl.rollouts.targets import TargetOptions, targets

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

NONE_FOUND = "No rollout history found."


@dataclass(frozen=True, kw_only=True)
class HistoryOptions(TargetOptions, OutputOptions):
    revision: int = flag(0, "Show this revision in full, with its pod template")

    def validate(self) -> None:
        super().validate()
        if self.revision < 0:
            raise UsageError(f"error: revision must be a positive integer: {self.revision}")


async def run(opts: HistoryOptions, ctx: Context) -> None:
    found = await targets(opts, ctx)
    for info in found.infos:
        check_kind(info.object, "history viewer")
        known = await revisions_of(ctx, info.object)
        if opts.output or opts.template:
            _print(opts, ctx, known, info.object)
            continue
        title = f" with revision #{opts.revision}" if opts.revision > 0 else " "
        ctx.streams.print(f"{qualified(info.object)}{title}\n{_text(opts, known, info.object)}")
    found.raise_errors()


def check_kind(obj: dict[str, Any], what: str) -> None:
    """Raises UsageError for kinds without revisions."""
    kind, group = obj.get("kind", ""), (obj.get("apiVersion") or "").rpartition("/")[0]
    if group == "apps" and kind in ("Deployment", "DaemonSet", "StatefulSet"):
        return
    whole = f"{kind}.{group}" if group else kind
    if kind in ("Job", "Pod", "ReplicaSet", "ReplicationController", "CronJob"):
        raise UsageError(f'error: no {what} has been implemented for "{whole}"')
    asked = what.removesuffix(" viewer")
    raise UsageError(f'error: error retrieving {asked} for "{whole}", no visitor method exists for {{{group} {kind}}}')


def _text(opts: HistoryOptions, known: list[Revision], workload: dict[str, Any]) -> str:
    if not known:
        return NONE_FOUND
    if opts.revision > 0:
        chosen = _chosen(opts.revision, known)
        template = dict(chosen.restored(workload)["spec"]["template"])
        if chosen.change_cause and workload["kind"] == "Deployment":
            meta = dict(template.get("metadata") or {})
            meta["annotations"] = {**(meta.get("annotations") or {}), CHANGE_CAUSE: chosen.change_cause}
            template["metadata"] = meta
        return template_text(template)
    if workload["kind"] == "StatefulSet":
        return "".join(f"{line}\n" for line in ("REVISION", *(str(one.number) for one in known)))
    from kajitori.kubectl.describers.page import Page

    page = Page()
    page.row(0, "REVISION", "CHANGE-CAUSE")
    for one in known:
        page.row(0, one.number, one.change_cause or "<none>")
    return page.text()


def _chosen(number: int, known: list[Revision]) -> Revision:
    for one in known:
        if one.number == number:
            return one
    raise UsageError("error: unable to find the specified revision")


def _print(opts: HistoryOptions, ctx: Context, known: list[Revision], workload: dict[str, Any]) -> None:
    printer = printer_for(opts)
    for one in [_chosen(opts.revision, known)] if opts.revision > 0 else known:
        shown = one.keeper if workload["kind"] == "Deployment" else one.restored(workload)
        printer.print(shown, ctx.streams.out)


COMMAND = Command(
    name="rollout history",
    short="View rollout history",
    long="View previous rollout revisions and configurations.",
    examples="""# The revisions of a deployment
kubectl rollout history deployment/abc

# Revision 3 of a daemonset in full
kubectl rollout history daemonset/abc --revision=3""",
    usage="rollout history (TYPE NAME | TYPE/NAME) [flags] [options]",
    options=HistoryOptions,
    run=run,
)
