"""``kubectl run -i``/``--attach``: waits for the pod, attaches to it, returns its exit code, deletes it with --rm.

May import: client, kubectl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.waiting import until_gone, until_met
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.running.options import RunOptions

Wire = dict[str, Any]
WEEK_S = 7 * 86400.0


async def attach_and_wait(opts: RunOptions, ctx: Context, pod: Wire) -> int:
    """The exit code: the container's with --restart=Never, else 0. Raises UsageError when it waits in vain.

    With --restart=OnFailure only success ends the waiting, as upstream's: a container that fails is started again.
    """
    info = Info(await ctx.discovery().resource("pods"), pod["metadata"]["namespace"], pod["metadata"]["name"], pod)
    try:
        await until_met(ctx, info, _runs_or_ran, timeout_s=float(opts.pod_running_timeout))
        if phase_of(info.object) in ("Succeeded", "Failed"):
            await _log(ctx, info)
        else:
            await _attach(opts, ctx, info)
        if opts.leave_stdin_open or opts.restart == "Always":
            return 0
        await _completion(opts, ctx, info)
    finally:
        if opts.rm:
            await _remove(opts, ctx, info)
    code, why = ending(info.object)
    if why:
        ctx.streams.out.flush()
        ctx.streams.warn(why)
    return code


def ends(restart: str) -> tuple[str, ...]:
    """The phases in which a pod of this restart policy has come to what `kubectl run` waits for."""
    return ("Succeeded",) if restart == "OnFailure" else ("Succeeded", "Failed")


async def _completion(opts: RunOptions, ctx: Context, info: Info) -> None:
    wanted = ends(opts.restart)
    late = "error: timed out waiting for the condition"
    timeout_s = float(opts.pod_running_timeout)
    await until_met(ctx, info, lambda obj: phase_of(obj) in wanted, timeout_s=timeout_s, late=late)


def phase_of(obj: Wire) -> str:
    return str((obj.get("status") or {}).get("phase") or "")


def _runs_or_ran(obj: Wire) -> bool:
    if phase_of(obj) in ("Succeeded", "Failed"):
        return True
    statuses = (obj.get("status") or {}).get("containerStatuses") or ()
    return phase_of(obj) == "Running" and all("running" in (one.get("state") or {}) for one in statuses)


def ending(obj: Wire) -> tuple[int, str]:
    """The exit code of the first container of a pod that has ended, and what is to be said of it ("" of success)."""
    if phase_of(obj) == "Succeeded":
        return 0, ""
    name = f"{obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}"
    statuses = (obj.get("status") or {}).get("containerStatuses") or ()
    ended = next(((one.get("state") or {}).get("terminated") for one in statuses), None)
    if not ended or not ended.get("exitCode"):
        return 1, f"error: pod {name} failed with unknown exit code"
    return int(
        ended["exitCode"]
    ), f"pod {name} terminated ({ended.get('reason', '')})\n{ended.get('message', '')}".rstrip()


async def _attach(opts: RunOptions, ctx: Context, info: Info) -> None:
    """To the pod as it was seen running; one that has ended since then is told by its log."""
    from kajitori.kubectl.verbs.attach import AttachOptions, attach_to

    how = AttachOptions(args=(info.name,), stdin=opts.stdin, tty=opts.tty, quiet=opts.quiet)
    try:
        await attach_to(how, ctx, info.object)
    except (StatusError, UsageError, OSError) as error:
        why = str(error).removeprefix("error: ")
        ctx.streams.warn(f"warning: couldn't attach to pod/{info.name}, falling back to streaming logs: {why}")
        await _log(ctx, info)


async def _log(ctx: Context, info: Info) -> None:
    """A container that ended before anybody could attach: what it wrote."""
    url = info.resource.url(info.namespace, info.name, "log")
    answer = await ctx.client().raw("GET", url, accept="*/*")
    ctx.streams.out.write(answer.body.decode("utf-8", "replace"))


async def _remove(opts: RunOptions, ctx: Context, info: Info) -> None:
    grace = 0 if opts.force else opts.grace_period if opts.grace_period >= 0 else None
    answer = await ctx.client().delete(info.resource, info.name, info.namespace, grace_period_s=grace)
    if not opts.quiet:
        ctx.streams.print(f'pod "{info.name}" deleted from {info.namespace} namespace')
    uid = str((answer.get("metadata") or answer.get("details") or {}).get("uid") or "")
    if opts.wait:
        await until_gone(ctx, [(info, uid)], timeout_s=float(opts.timeout) or WEEK_S)
