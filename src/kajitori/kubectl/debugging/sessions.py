"""Carries out a debugging session: makes the container or pod, tells of it, attaches. May import: client, kubectl."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.debugging.containers import container, copied_pod, node_pod
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.sessions.pods import PODS
from kajitori.kubectl.waiting import until_met
from kajitori.machinery.errors import NotFound
from kajitori.machinery.names import random_suffix

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.debugging.options import DebugOptions

Wire = dict[str, Any]
RUNNING_TIMEOUT_S = 3600.0


def _fresh(prefix: str) -> str:
    return prefix + random_suffix(random.SystemRandom(), 5)


def _tell(opts: DebugOptions, ctx: Context, text: str) -> None:
    if not opts.quiet:
        ctx.streams.out.flush()
        ctx.streams.warn(text)


async def debug_pod(opts: DebugOptions, ctx: Context, pod: Wire) -> int:
    """Into the Pod itself as an ephemeral container, or into a copy of it; the exit code of what was attached to."""
    name = opts.container or _fresh("debugger-")
    if opts.copy_to:
        made, name = copied_pod(opts, pod, name)
        made = await ctx.client().create(PODS, made, namespace=pod["metadata"]["namespace"])
        if opts.replace:
            meta = pod["metadata"]
            await ctx.client().delete(PODS, meta["name"], meta["namespace"])
    else:
        if not opts.container:
            _tell(opts, ctx, f"Defaulting debug container name to {name}.")
        made = await _add_ephemeral(opts, ctx, pod, name)
    return await _attach(opts, ctx, made, name)


async def _add_ephemeral(opts: DebugOptions, ctx: Context, pod: Wire, name: str) -> Wire:
    if opts.target:
        _tell(
            opts,
            ctx,
            f'Targeting container "{opts.target}". If you don\'t see processes from this container it may be because '
            "the container runtime doesn't support this feature.",
        )
    added = container(opts, name, opts.image) | ({"targetContainerName": opts.target} if opts.target else {})
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
    made = node_pod(opts, name, _fresh(f"node-debugger-{name}-"), opts.container or "debugger")
    created = await ctx.client().create(PODS, made, namespace=ctx.namespace)
    told = created["metadata"]["name"]
    container_name = made["spec"]["containers"][0]["name"]
    _tell(opts, ctx, f"Creating debugging pod {told} with container {container_name} on node {name}.")
    return await _attach(opts, ctx, created, container_name)


async def _attach(opts: DebugOptions, ctx: Context, pod: Wire, name: str) -> int:
    """Waits for the container; attaches to it, or prints the log of one that is over already."""
    if not opts.attaches:
        return 0
    from kajitori.kubectl.sessions.logs import Source, read_in_turn
    from kajitori.kubectl.verbs.attach import AttachOptions, attach_to

    meta = pod["metadata"]
    info = Info(await ctx.discovery().resource("pods"), meta["namespace"], meta["name"], pod)
    await until_met(ctx, info, lambda obj: bool(_state(obj, name)), timeout_s=RUNNING_TIMEOUT_S)
    if _state(info.object, name) == "terminated":
        source = Source(meta["namespace"], meta["name"], name)
        await read_in_turn(ctx, [source], [], prefix=False, ignore_errors=False)
        return 0
    options = AttachOptions(args=(meta["name"],), container=name, stdin=opts.stdin, tty=opts.tty, quiet=opts.quiet)
    return await attach_to(options, ctx, info.object)


def _state(pod: Wire, name: str) -> str:
    """``running`` or ``terminated``; nothing while the container waits."""
    status = pod.get("status") or {}
    for field in ("ephemeralContainerStatuses", "containerStatuses", "initContainerStatuses"):
        for one in status.get(field) or ():
            if one.get("name") == name:
                return next((word for word in ("running", "terminated") if one.get("state", {}).get(word)), "")
    return ""
