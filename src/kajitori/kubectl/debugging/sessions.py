"""Carries out a debugging session: makes the container or pod, tells of it, attaches. May import: client, kubectl."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.debugging.containers import container, copied_pod, node_pod
from kajitori.kubectl.debugging.profiles import falls_short
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.sessions.pods import PODS
from kajitori.kubectl.waiting import until_met
from kajitori.machinery.errors import NotFound, StatusError
from kajitori.machinery.names import random_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kajitori.kubectl.context import Context
    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]
RUNNING_TIMEOUT_S = 3600.0
NOT_ROOT = (
    "Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile "
    'may not work. Please consider using "--custom" with a custom profile that specifies '
    '"securityContext.runAsUser: 0".'
)


def _fresh(prefix: str) -> str:
    return prefix + random_suffix(random.SystemRandom(), 5)


def _tell(opts: DebugOptions, ctx: Context, text: str) -> None:
    if not opts.quiet:
        ctx.streams.print(text)


def _fresh_container(opts: DebugOptions, ctx: Context) -> str:
    name = _fresh("debugger-")
    _tell(opts, ctx, f"Defaulting debug container name to {name}.")
    return name


def tell_target(opts: DebugOptions, ctx: Context) -> None:
    if opts.target:
        _tell(
            opts,
            ctx,
            f'Targeting container "{opts.target}". If you don\'t see processes from this container it may be because '
            "the container runtime doesn't support this feature.",
        )


async def debug_pod(opts: DebugOptions, ctx: Context, pod: Wire) -> int:
    """Into the Pod itself as an ephemeral container, or into a copy of it; the exit code of what was attached to."""
    if not opts.copy_to:
        name = opts.container or _fresh_container(opts, ctx)
        return await _attach(opts, ctx, await _add_ephemeral(opts, ctx, pod, name), name)
    copied, name = copied_pod(opts, pod, lambda: _fresh_container(opts, ctx))
    _warn_of_user(ctx, copied, copied["spec"]["containers"], name)
    made = await ctx.client().create(PODS, copied, namespace=pod["metadata"]["namespace"])
    if opts.replace:
        meta = pod["metadata"]
        await ctx.client().delete(PODS, meta["name"], meta["namespace"], grace_period_s=0)
    return await _attach(opts, ctx, made, name)


def _warn_of_user(ctx: Context, pod: Wire, containers: Iterable[Wire], name: str) -> None:
    if any(one["name"] == name and falls_short(pod, one) for one in containers):
        ctx.streams.warn(NOT_ROOT)


async def _add_ephemeral(opts: DebugOptions, ctx: Context, pod: Wire, name: str) -> Wire:
    added = container(opts, name, "ephemeral") | ({"targetContainerName": opts.target} if opts.target else {})
    _warn_of_user(ctx, pod, [added], name)
    changed = copy.deepcopy(pod)
    changed["spec"]["ephemeralContainers"] = [*(pod["spec"].get("ephemeralContainers") or ()), added]
    try:
        return await ctx.client().update(PODS, changed, subresource="ephemeralcontainers")
    except NotFound as error:
        if (error.details or {}).get("name"):
            raise
        raise UsageError("error: ephemeral containers are disabled for this cluster") from None


async def debug_node(opts: DebugOptions, ctx: Context, node: Wire) -> int:
    """A Pod on the node, with its namespaces and file system; the exit code of what was attached to."""
    name = node["metadata"]["name"]
    pod_name, container_name = _fresh(f"node-debugger-{name}-"), opts.container or "debugger"
    _tell(opts, ctx, f"Creating debugging pod {pod_name} with container {container_name} on node {name}.")
    made = node_pod(opts, name, pod_name, container_name)
    created = await ctx.client().create(PODS, made, namespace=ctx.namespace)
    return await _attach(opts, ctx, created, container_name)


async def _attach(opts: DebugOptions, ctx: Context, pod: Wire, name: str) -> int:
    """Waits for the container; attaches to it, or prints the log of one that is over already."""
    if not opts.attaches or not name:
        return 0
    from kajitori.kubectl.verbs.attach import AttachOptions, attach_to

    meta = pod["metadata"]
    info = Info(await ctx.discovery().resource("pods"), meta["namespace"], meta["name"], pod)
    await until_met(ctx, info, lambda obj: bool(_state(obj, name)), timeout_s=RUNNING_TIMEOUT_S)
    if _state(info.object, name) == "terminated":
        return await _log(ctx, meta, name)
    options = AttachOptions(args=(meta["name"],), container=name, stdin=opts.stdin, tty=opts.tty, quiet=opts.quiet)
    try:
        return await attach_to(options, ctx, info.object)
    except (StatusError, UsageError, OSError) as error:
        why = str(error).removeprefix("error: ")
        ctx.streams.warn(f"warning: couldn't attach to pod/{meta['name']}, falling back to streaming logs: {why}")
        return await _log(ctx, meta, name)


async def _log(ctx: Context, meta: Wire, name: str) -> int:
    """A container that ended before anybody could attach: what it wrote."""
    from kajitori.kubectl.sessions.logs import Source, read_in_turn

    await read_in_turn(ctx, [Source(meta["namespace"], meta["name"], name)], [], prefix=False, ignore_errors=False)
    return 0


def _state(pod: Wire, name: str) -> str:
    """``running`` or ``terminated``; nothing while the container waits."""
    status = pod.get("status") or {}
    for field in ("ephemeralContainerStatuses", "containerStatuses", "initContainerStatuses"):
        for one in status.get(field) or ():
            if one.get("name") == name:
                return next((word for word in ("running", "terminated") if one.get("state", {}).get(word)), "")
    return ""
