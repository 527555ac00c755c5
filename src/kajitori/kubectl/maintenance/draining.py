"""Moves pods off a node: evicts (or deletes) each, waits until it is gone. May import: client, kubectl, machinery."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.maintenance.filters import Leaving, Rules, controller
from kajitori.kubectl.sessions.pods import PODS
from kajitori.machinery.errors import NotFound, StatusError, TooManyRequests
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_go_duration, parse_time

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.maintenance.options import DrainOptions

Wire = dict[str, Any]
DAEMON_SETS = ResourcePath("apps/v1", "daemonsets", namespaced=True)
RETRY_S = 5.0


class DrainError(Exception):
    """Why the node could not be emptied; several reasons stand on lines of their own."""


async def pods_to_leave(opts: DrainOptions, ctx: Context, node: str) -> Leaving:
    """What the rules say of each pod on the node."""
    found = await ctx.client().list(
        PODS, label_selector=opts.pod_selector, field_selector=f"spec.nodeName={node}", limit=opts.chunk_size
    )
    missing = {(_key(pod)): await _missing_owner(ctx, pod) for pod in found.items}
    rules = Rules(
        force=opts.force,
        ignore_daemonsets=opts.ignore_daemonsets,
        delete_emptydir_data=opts.delete_emptydir_data,
        skips=lambda pod: is_long_gone(pod, opts.skip_wait_for_delete_timeout),
        missing_owner=lambda pod: missing[_key(pod)],
    )
    leaving = Leaving()
    for pod in found.items:
        leaving.add(pod, rules.judge(pod))
    return leaving


def _key(pod: Wire) -> tuple[str, str]:
    return pod["metadata"]["namespace"], pod["metadata"]["name"]


async def _missing_owner(ctx: Context, pod: Wire) -> str:
    owner = controller(pod)
    if owner is None or owner.get("kind") != "DaemonSet":
        return ""
    try:
        await ctx.client().get(DAEMON_SETS, owner["name"], pod["metadata"]["namespace"])
    except StatusError as error:
        return error.message
    return ""


def is_long_gone(pod: Wire, limit_s: int) -> bool:
    """Whether the pod has been going for more than the limit (0: never)."""
    deleted = pod["metadata"].get("deletionTimestamp")
    return limit_s > 0 and bool(deleted) and (datetime.now(UTC) - parse_time(deleted)).total_seconds() > limit_s


async def remove(opts: DrainOptions, ctx: Context, pods: list[Wire]) -> None:
    """Returns when all are gone. Raises DrainError."""
    failures: list[str] = []

    async def one(pod: Wire) -> None:
        try:
            await _remove_one(opts, ctx, pod)
        except DrainError as error:
            failures.append(str(error))

    async with asyncio.TaskGroup() as group:
        for pod in pods:
            group.create_task(one(pod), name=f"removal of {'/'.join(_key(pod))}")
    if failures:
        raise DrainError("\n".join(failures) if len(failures) == 1 else f"[{', '.join(failures)}]")


async def _remove_one(opts: DrainOptions, ctx: Context, pod: Wire) -> None:
    name = quote(pod["metadata"]["name"])
    try:
        async with asyncio.timeout(float(opts.timeout) or None):
            if opts.disable_eviction:
                await _delete(opts, ctx, pod)
            elif not await _evict(opts, ctx, pod):
                return
            await _until_gone(opts, ctx, pod)
    except TimeoutError:
        text = format_go_duration(float(opts.timeout))
        raise DrainError(
            f"error when waiting for pod {name} in namespace {quote(pod['metadata']['namespace'])} to terminate: "
            f"global timeout reached: {text}"
        ) from None
    word = "deleted" if opts.disable_eviction else "evicted"
    suffix = " (server dry run)" if opts.dry_run_server else ""
    ctx.streams.print(f"pod/{pod['metadata']['name']} {word}{suffix}")


async def _delete(opts: DrainOptions, ctx: Context, pod: Wire) -> None:
    namespace, name = _key(pod)
    try:
        await ctx.client().delete(PODS, name, namespace, grace_period_s=opts.grace_s, dry_run=opts.dry_run_server)
    except NotFound:
        return
    except StatusError as error:
        raise DrainError(error.message) from error


async def _evict(opts: DrainOptions, ctx: Context, pod: Wire) -> bool:
    """Whether there is a pod to wait for. Refusals by a disruption budget are asked again every few seconds."""
    namespace, name = _key(pod)
    suffix = " (server dry run)" if opts.dry_run_server else ""
    options = {} if opts.grace_s is None else {"gracePeriodSeconds": opts.grace_s}
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
    body |= {"deleteOptions": options | ({"dryRun": ["All"]} if opts.dry_run_server else {})}
    where = f"error when evicting pods/{quote(name)} -n {quote(namespace)}"
    while True:
        ctx.streams.print(f"evicting pod {namespace}/{name}{suffix}")
        ctx.streams.out.flush()
        try:
            await ctx.client().raw("POST", PODS.url(namespace, name, "eviction"), body=body)
        except NotFound:
            return False
        except TooManyRequests as error:
            ctx.streams.warn(f"{where} (will retry after 5s): {error.message}")
            await asyncio.sleep(RETRY_S)
            continue
        except StatusError as error:
            raise DrainError(f"{where}: {error.message}") from error
        return not opts.dry_run_server


async def _until_gone(opts: DrainOptions, ctx: Context, pod: Wire) -> None:
    """Watches the pod by name until it, as it was, is no more."""
    from kajitori.kubectl.resources.infos import Info
    from kajitori.kubectl.waiting import one_gone

    if opts.dry_run_server:
        return
    namespace, name = _key(pod)
    info = Info(await ctx.discovery().resource("pods"), namespace, name, pod)
    limit = opts.skip_wait_for_delete_timeout
    if is_long_gone(pod, limit):
        ctx.streams.print(f"pod {quote(name)} has DeletionTimestamp older than {limit} seconds, skipping")
        return
    await one_gone(ctx, info, pod["metadata"].get("uid", ""))
