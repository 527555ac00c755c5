"""kubectl rollout undo: back to the previous revision, or to a chosen one. May import: client, kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.command import Command
from kajitori.kubectl.describers.revisions import HASH, same_template
from kajitori.kubectl.flags import UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, OutputOptions
from kajitori.kubectl.printers.objects import printer_for
from kajitori.kubectl.rollouts.revisions import Revision, revisions_of
from kajitori.kubectl.rollouts.showing import template_text
from kajitori.kubectl.rollouts.status import REVISION
from kajitori.kubectl.rollouts.targets import TargetOptions, targets
from kajitori.kubectl.verbs.rollout.history import check_kind
from kajitori.kubectl.writing import LAST_APPLIED
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

Wire = dict[str, Any]
ROLLED_BACK, SKIPPED = "rolled back", "skipped rollback"
OWN_ANNOTATIONS = (
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""What a deployment keeps of its own when it goes back; its other annotations are the revision's."""


@dataclass(frozen=True, kw_only=True)
class UndoOptions(TargetOptions, DryRunOptions, OutputOptions):
    to_revision: int = flag(0, "The revision to rollback to. Default to 0 (last revision).")


async def run(opts: UndoOptions, ctx: Context) -> None:
    found = await targets(opts, ctx)
    for info in found.infos:
        try:
            outcome = await _undo(opts, ctx, info)
            printer_for(opts, outcome, dry_run=opts.dry_run).print(info.object, ctx.streams.out)
        except UsageError as error:
            found.errors.append(error)
    found.raise_errors()


async def _undo(opts: UndoOptions, ctx: Context, info: Info) -> str:
    workload = info.object
    check_kind(workload, "rollbacker")
    if opts.to_revision < 0:
        raise _not_found(opts.to_revision)
    chosen = _chosen(opts, workload, await revisions_of(ctx, workload))
    template = chosen.restored(workload)["spec"]["template"]
    is_deployment = workload["kind"] == "Deployment"
    if opts.dry_run_client:
        text = template_text(template)
        return text if is_deployment else f"will roll back to {text}"
    if is_deployment and workload["spec"].get("paused"):
        raise UsageError(
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume "
            f"deployment/{info.name}' and try again"
        )
    if same_template(template, workload["spec"]["template"]):
        return f"{SKIPPED} (current template already matches revision {opts.to_revision})"
    try:
        await _restore(opts, ctx, info, chosen)
    except StatusError as error:
        raise UsageError(f"error: failed restoring revision {opts.to_revision}: {error.message}") from error
    return ROLLED_BACK


def _chosen(opts: UndoOptions, workload: Wire, known: list[Revision]) -> Revision:
    """The wanted one, or the one before the latest."""
    if opts.to_revision:
        found = [one for one in known if one.number == opts.to_revision]
        if not found:
            raise _not_found(opts.to_revision)
        return found[0]
    if len(known) < 2:
        if workload["kind"] != "Deployment":
            raise UsageError("error: no last revision to roll back to")
        raise UsageError(f'error: no rollout history found for deployment "{workload["metadata"]["name"]}"')
    return known[-2]


def _not_found(revision: int) -> UsageError:
    return UsageError(f"error: unable to find specified revision {revision} in history")


async def _restore(opts: UndoOptions, ctx: Context, info: Info, chosen: Revision) -> None:
    namespace = info.namespace or None
    if info.object["kind"] == "Deployment":
        await ctx.client().patch(
            info.resource,
            info.name,
            deployment_patch(info.object, chosen.keeper),
            namespace=namespace,
            patch_type="json",
            dry_run=opts.dry_run_server,
        )
        return
    await ctx.client().patch(
        info.resource,
        info.name,
        chosen.keeper.get("data") or {},
        namespace=namespace,
        patch_type="strategic",
        dry_run=opts.dry_run_server,
    )


def deployment_patch(deployment: Wire, replica_set: Wire) -> list[Wire]:
    """Puts the replica set's template and annotations in place of the deployment's."""
    template = dict(replica_set["spec"]["template"])
    meta = dict(template.get("metadata") or {})
    meta["labels"] = {key: value for key, value in (meta.get("labels") or {}).items() if key != HASH}
    template["metadata"] = meta
    own, other = (one["metadata"].get("annotations") or {} for one in (deployment, replica_set))
    annotations = {key: own[key] for key in OWN_ANNOTATIONS if key in own}
    annotations |= {key: value for key, value in other.items() if key not in OWN_ANNOTATIONS}
    return [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]


COMMAND = Command(
    name="rollout undo",
    short="Undo a previous rollout",
    long="Roll back to a previous rollout.",
    examples="""# Back to the previous deployment
kubectl rollout undo deployment/abc

# A daemonset back to revision 3
kubectl rollout undo daemonset/abc --to-revision=3

# Only ask the server whether it would
kubectl rollout undo --dry-run=server deployment/abc""",
    usage="rollout undo (TYPE NAME | TYPE/NAME) [flags] [options]",
    options=UndoOptions,
    run=run,
)
