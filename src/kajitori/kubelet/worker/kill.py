"""Ending containers: the event, preStop, SIGTERM, and SIGKILL when the grace period is over.

May import: of the kubelet `interfaces`, `pods`, `runtime`, `worker.*`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kajitori.aiokit.logs import get_logger

from ..interfaces import CRIError
from ..pods import is_sidecar, spec_of
from ..runtime.records import ContainerRecord, PodRecord
from .context import Context
from .hooks import HookFailed, run_hook
from .start import field_path

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod

log = get_logger(__name__)
MIN_GRACE_S = 2
"""Upstream gives a container at least this long after its preStop hook."""


async def kill_container(
    ctx: Context, pod: Pod | None, record: ContainerRecord, *, grace_s: float, message: str = "", pod_ip: str = ""
) -> None:
    """End one container and wait for it. Without a Pod (an orphan) there is no hook and no event."""
    container = spec_of(pod, record.name) if pod is not None else None
    began = ctx.clock.monotonic()
    if pod is not None:
        path = field_path(pod, container) if container is not None else ""
        text = message or f"Stopping container {record.name}"
        ctx.recorder.event(pod, "Normal", "Killing", text, field_path=path)
        if container is not None and grace_s > 0:
            await _pre_stop(ctx, pod, container, record, grace_s, path, pod_ip)
    left = max(MIN_GRACE_S, int(grace_s - (ctx.clock.monotonic() - began)))
    await ctx.runtime.cri.stop_container(record.id, left)


async def _pre_stop(
    ctx: Context, pod: Pod, container: Container, record: ContainerRecord, grace_s: float, path: str, pod_ip: str
) -> None:
    if container.lifecycle is None or container.lifecycle.pre_stop is None:
        return
    try:
        async with asyncio.timeout(grace_s):
            await run_hook(container.lifecycle.pre_stop, container, record.id, pod_ip, ctx.runtime)
    except TimeoutError:
        log.info("preStop hook not completed in grace period", pod=pod.metadata.name, container=record.name)
    except HookFailed as error:
        log.v(1).info("preStop hook failed", pod=pod.metadata.name, container=record.name, err=str(error))
        ctx.recorder.event(pod, "Warning", "FailedPreStopHook", "PreStopHook failed", field_path=path)


async def kill_pod(ctx: Context, pod: Pod | None, record: PodRecord, *, grace_s: float) -> None:
    """End everything: regular containers together, then sidecars in reverse order, then the sandboxes."""
    ip = record.ips[0] if record.ips else ""
    sidecars = [c.name for c in pod.spec.init_containers if is_sidecar(c)] if pod is not None else []
    began = ctx.clock.monotonic()
    live = [c for c in record.containers if c.state in ("running", "unknown")]
    await _all(ctx, pod, [c for c in live if c.name not in sidecars], grace_s, ip)
    for name in reversed(sidecars):
        left = max(0.0, grace_s - (ctx.clock.monotonic() - began))
        await _all(ctx, pod, [c for c in live if c.name == name], left, ip)
    for sandbox in record.sandboxes:
        await ctx.runtime.cri.stop_pod_sandbox(sandbox.id)


async def _all(ctx: Context, pod: Pod | None, live: list[ContainerRecord], grace_s: float, ip: str) -> None:
    results = await asyncio.gather(
        *(kill_container(ctx, pod, c, grace_s=grace_s, pod_ip=ip) for c in live), return_exceptions=True
    )
    for result in results:
        if isinstance(result, CRIError):
            raise result
        if isinstance(result, BaseException):
            raise result


async def remove_pod(ctx: Context, record: PodRecord) -> None:
    """Forget containers and sandboxes that have ended."""
    for sandbox in record.sandboxes:
        await ctx.runtime.cri.stop_pod_sandbox(sandbox.id)
    await asyncio.gather(*(ctx.runtime.cri.remove_container(c.id) for c in record.containers if not c.is_running))
    for sandbox in record.sandboxes:
        await ctx.runtime.cri.remove_pod_sandbox(sandbox.id)
