"""kubectl delete: by names, selectors or files; waits until the objects are gone unless told not to.

May import: kubectl.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, UsageError, flag
from kajitori.kubectl.globals import DryRunOptions, FilenameOptions
from kajitori.kubectl.resources.builder import Selection, find, has_files
from kajitori.kubectl.writing import SelectorOptions, named_source
from kajitori.machinery.errors import NotFound, StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.resources.infos import Info

IMMEDIATE = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)
CLUSTER_SCOPE = "Warning: deleting cluster-scoped resources, not scoped to the provided namespace"
WEEK_S = 7 * 86400.0


@dataclass(frozen=True, kw_only=True)
class DeleteOptions(DryRunOptions, FilenameOptions, SelectorOptions):
    all_: bool = flag(False, "Delete all resources, in the namespace of the specified resource types.", name="all")
    all_namespaces: bool = flag(False, "Look in all namespaces.", short="A")
    cascade: str = flag(
        "background",
        'Must be "background", "orphan", or "foreground": what becomes of the dependents (e.g. a Deployment\'s Pods).',
        no_value="background",
    )
    field_selector: str = flag("", "Selector (field query) to filter on, supports '=', '==', and '!='.")
    force: bool = flag(False, "Remove objects from the API at once, without graceful deletion. May lose data.")
    grace_period: int = flag(-1, "Seconds that the object gets to end gracefully. Negative: its own; 0 needs --force.")
    ignore_not_found: bool = flag(False, "An object that does not exist is no error; the default with --all.")
    interactive: bool = flag(False, "Delete only what the user confirms.", short="i")
    now: bool = flag(False, "Signal immediate shutdown (same as --grace-period=1).")
    output: str = flag("", 'Output mode. Use "-o name" for shorter output (resource/name).', short="o")
    raw: str = flag("", "Path to DELETE on the server as it is.")
    timeout: Duration = flag(Duration(0), "How long to wait before giving up on a delete; 0 means a week.")
    wait: bool = flag(True, "Wait for the objects to be gone before returning, finalizers included.")

    def validate(self) -> None:
        super().validate()
        if self.output not in ("", "name"):
            raise UsageError(f"error: unexpected -o output mode: {self.output}. We only support '-o name'")
        if self.all_ and self.selector:
            raise UsageError("error: setting 'all' parameter but found a non empty selector. ")
        if self.all_ and self.field_selector:
            raise UsageError("error: cannot set --all and --field-selector at the same time")
        if self.now and self.grace_period != -1:
            raise UsageError("error: --now and --grace-period cannot be specified together")
        if self.force and self.grace_period > 0:
            raise UsageError("error: --force and --grace-period greater than 0 cannot be specified together")
        if self.cascade not in ("background", "orphan", "foreground", "true", "false"):
            raise UsageError(
                f'error: invalid cascade value ({self.cascade}). Must be "background", "foreground", or "orphan"'
            )

    @property
    def grace_period_s(self) -> int | None:
        """What the request says; None leaves it to the object."""
        if self.now:
            return 1
        if self.grace_period == 0 and not self.force:
            return 1  # so that nobody loses data by accident
        if self.grace_period < 0:
            return 0 if self.force else None
        return self.grace_period

    @property
    def propagation(self) -> str:
        return {"true": "background", "false": "orphan"}.get(self.cascade, self.cascade).capitalize()


async def run(opts: DeleteOptions, ctx: Context) -> None:
    if opts.raw:
        answer = await ctx.client().raw("DELETE", opts.raw)
        ctx.streams.out.write(answer.body.decode("utf-8", "replace"))
        return
    found = await find(
        ctx,
        Selection(
            args=opts.args,
            files=opts,
            label_selector=opts.selector,
            field_selector=opts.field_selector,
            all_namespaces=opts.all_namespaces,
            default_all=opts.all_,
            refuse_names=opts.all_,
            live=False,
            fetch=False,
        ),
    )
    if opts.interactive and not _confirmed(ctx, found.infos):
        ctx.streams.print("deletion is cancelled")
        return
    warn(opts, ctx, found.infos)
    deleted = []
    for info in found.infos:
        try:
            uid = await delete_one(opts, ctx, info)
            if uid is not None:
                deleted.append((info, uid))
        except StatusError as error:
            found.errors.append(named_source(error, "deleting", info.source))
    found.raise_errors(unknown_last=True)
    if not found.infos:
        ctx.streams.print("No resources found")
    if opts.wait and opts.dry_run == "none" and not (opts.force and opts.grace_period_s == 0):
        from kajitori.kubectl.waiting import until_gone

        await until_gone(ctx, deleted, timeout_s=float(opts.timeout) or WEEK_S)


def warn(opts: DeleteOptions, ctx: Context, infos: list[Info]) -> None:
    """What upstream warns of before it deletes."""
    if opts.force and opts.grace_period_s == 0:
        ctx.streams.warn(IMMEDIATE)
    if ctx.namespace_is_explicit and not has_files(opts) and any(not info.namespace for info in infos):
        ctx.streams.warn(CLUSTER_SCOPE)


async def delete_one(opts: DeleteOptions, ctx: Context, info: Info) -> str | None:
    """Deletes and prints; answers the object's UID, None where there was nothing to delete."""
    if opts.dry_run_client:
        _print(opts, ctx, info)
        return ""
    try:
        answer = await ctx.client().delete(
            info.resource,
            info.name,
            info.namespace or None,
            grace_period_s=opts.grace_period_s,
            propagation_policy=opts.propagation,
            dry_run=opts.dry_run_server,
        )
    except NotFound:
        if opts.ignore_not_found or opts.all_:
            return None
        raise
    _print(opts, ctx, info)
    if answer.get("kind") == "Status":
        return str((answer.get("details") or {}).get("uid") or "")
    return str((answer.get("metadata") or {}).get("uid") or "")


def _print(opts: DeleteOptions, ctx: Context, info: Info) -> None:
    if opts.output == "name":
        ctx.streams.print(info.qualified)
        return
    how = "force deleted" if opts.grace_period_s == 0 else "deleted"
    where = f" from {info.namespace} namespace" if info.namespace else ""
    dry = {"client": " (dry run)", "server": " (server dry run)"}.get(opts.dry_run, "")
    ctx.streams.print(f'{info.kind_name} "{info.name}" {how}{where}{dry}')


def _confirmed(ctx: Context, infos: list[Info]) -> bool:
    ctx.streams.print(f"You are about to delete the following {len(infos)} resource(s):")
    for info in infos:
        ctx.streams.print(info.qualified)
    ctx.streams.out.write("Do you want to continue? (y/N): ")
    ctx.streams.out.flush()
    return ctx.streams.in_.readline().decode().strip().lower() in ("y", "yes")


COMMAND = Command(
    name="delete",
    short="Delete resources by file names, stdin, resources and names, or by resources and label selector",
    long="""Delete resources by file names, stdin, resources and names, or by resources and label selector.

 Only one kind of argument may be given: file names, resources and names, or resources and a label selector. Some
resources, such as pods, end gracefully: they get a time to do so before they are killed, which --grace-period
changes and --now makes one second. With --force the API forgets them at once, without the node's confirmation.""",
    examples="""# What a file describes
kubectl delete -f ./pod.json

# Pods and services named "baz" and "foo"
kubectl delete pod,service baz foo

# Pods and services with a label
kubectl delete pods,services -l name=myLabel

# A pod, with as little delay as possible
kubectl delete pod foo --now

# All pods
kubectl delete pods --all""",
    usage="delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]",
    options=DeleteOptions,
    run=run,
)
