"""kubectl drain: cordons nodes and moves their pods away. May import: kubectl."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.maintenance.draining import DrainError, pods_to_leave, remove
from kajitori.kubectl.maintenance.nodes import NodeOptions, chosen, mark, tell
from kajitori.kubectl.resources.builder import raise_all
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True, kw_only=True)
class DrainOptions(NodeOptions):
    chunk_size: int = flag(500, "Ask for large lists in pieces of this size; 0 asks for all at once.")
    delete_emptydir_data: bool = flag(False, "Also remove pods that use emptyDir, whose data is lost then.")
    disable_eviction: bool = flag(False, "Delete pods rather than evict them: disruption budgets are not asked.")
    force: bool = flag(False, "Continue even if there are pods that do not declare a controller.")
    grace_period: int = flag(-1, "Seconds that each pod gets to end; if negative, what the pod itself says.")
    ignore_daemonsets: bool = flag(False, "Ignore DaemonSet-managed pods.")
    pod_selector: str = flag("", "Label selector to filter pods on the node")
    skip_wait_for_delete_timeout: int = flag(
        0, "Do not wait for pods that have been going for more than this many seconds; 0 waits for all."
    )
    timeout: Duration = flag(Duration(0), "The length of time to wait before giving up, zero means infinite")

    @property
    def grace_s(self) -> int | None:
        return self.grace_period if self.grace_period >= 0 else None


async def run(opts: DrainOptions, ctx: Context) -> None:
    """One node after the other; those that cannot be emptied are told, and the others are drained all the same."""
    opts.check("drain")
    infos = await chosen(opts, ctx)
    await mark(opts, ctx, infos, unschedulable=True)
    failed: dict[str, DrainError] = {}
    for info in infos:
        try:
            await _drain(opts, ctx, info)
        except DrainError as error:
            failed[info.name] = error
            ctx.streams.out.flush()
            ctx.streams.warn(
                f"error: unable to drain node {quote(info.name)} due to error: {error}, continuing command..."
            )
        else:
            tell(opts, ctx, info, "drained")
    if failed:
        ctx.streams.warn("There are pending nodes to be drained:")
        for name in failed:
            ctx.streams.warn(f" {name}")
        raise_all([UsageError(str(error)) for error in failed.values()])


async def _drain(opts: DrainOptions, ctx: Context, info: Info) -> None:
    leaving = await pods_to_leave(opts, ctx, info.name)
    errors = list(leaving.error_texts())
    if errors:
        raise DrainError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
    if leaving.warnings:
        ctx.streams.warn(f"Warning: {leaving.warning_text()}")
    if opts.dry_run_client:
        for pod in leaving.pods:
            meta = pod["metadata"]
            ctx.streams.print(f"evicting pod {meta['namespace']}/{meta['name']} (dry run)")
        return
    await remove(opts, ctx, leaving.pods)


COMMAND = Command(
    name="drain",
    short="Drain node in preparation for maintenance",
    long="""Drain node in preparation for maintenance.

 The node is marked unschedulable, then its pods are evicted, or deleted where the server knows no eviction. Mirror pods
stay, for they cannot be deleted through the API server. Pods of a daemon set stop the command unless
--ignore-daemonsets leaves them in place; pods without a controller stop it unless --force is given; pods with an
emptyDir need --delete-emptydir-data. The command waits until the pods have ended. Afterwards "kubectl uncordon" makes
the node schedulable again.""",
    examples="""# Drain node "foo", with pods that no controller manages
kubectl drain foo --force

# With 15 minutes for each pod
kubectl drain foo --grace-period=900""",
    usage="drain NODE [options]",
    options=DrainOptions,
    run=run,
)
