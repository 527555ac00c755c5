"""kubectl drain: cordons nodes and moves their pods away. May import: kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.maintenance.draining import DrainError, pods_to_leave, remove
from kajitori.kubectl.maintenance.nodes import chosen, mark, tell
from kajitori.kubectl.maintenance.options import DrainOptions
from kajitori.kubectl.resources.builder import raise_all
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info


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
