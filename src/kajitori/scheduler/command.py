"""`kajitori scheduler`: flags and file → a running scheduler. Nesting is the stopping order.

May import: scheduler, client, aiokit.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from kajitori.aiokit import logs
from kajitori.aiokit.clock import RealClock
from kajitori.aiokit.component import run_component
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import exposition, ok, serve
from kajitori.aiokit.services import forever
from kajitori.client.component import rest_config_or_exit
from kajitori.client.events import EventRecorder
from kajitori.client.informers import Informers
from kajitori.client.leader import LeaderElector
from kajitori.client.rest import Client
from kajitori.client.serving import Guard, tls_context
from kajitori.scheduler import metrics
from kajitori.scheduler.config import Config, flags, from_flags
from kajitori.scheduler.scheduler import ClusterApi, Scheduler

log = logs.get_logger(__name__)


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    return run_component(flags(), argv, from_flags, run)


async def run(config: Config) -> None:
    """Serve until cancelled; with leader election, schedule only while leading."""
    rest = rest_config_or_exit(config.kubeconfig, config.server)
    async with Client(rest) as client, AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        informers = Informers(client)
        recorder = EventRecorder(client, config.profiles[0].name)
        stack.push_async_callback(recorder.close)
        scheduler = Scheduler(config, informers, ClusterApi(client), recorder, clock=RealClock(), rng=random.Random())
        scheduler.expose_pending()
        await _serve(stack, config, client, scheduler)
        group.create_task(forever(informers.run(), "informers"), name="informers")
        await scheduler.synced()
        if not config.leader.is_enabled:
            await scheduler.run()
            return
        elector = LeaderElector(
            client,
            namespace=config.leader.namespace,
            name=config.leader.name,
            lease_duration_s=config.leader.lease_duration_s,
            renew_deadline_s=config.leader.renew_deadline_s,
            retry_period_s=config.leader.retry_period_s,
            on_elected=lambda text: recorder.event(_lease(config), "Normal", "LeaderElection", text),
        )
        await elector.run(scheduler.run)


def _lease(config: Config) -> dict[str, Any]:
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "namespace": config.leader.namespace,
        "name": config.leader.name,
    }


async def _serve(stack: AsyncExitStack, config: Config, client: Client, scheduler: Scheduler) -> None:
    if not config.secure_port:
        return

    def ready(_request: Request) -> Response:
        return ok(_request) if scheduler.has_synced else Response.text("informers are not synced", 500)

    def measures(_request: Request) -> Response:
        return exposition(metrics.REGISTRY.text())

    routes = {"/healthz": ok, "/livez": ok, "/readyz": ready, "/metrics": measures}
    guard = Guard(client, config.always_allow_paths)
    tls = await tls_context(config.cert_file, config.key_file, name="kube-scheduler")
    await stack.enter_async_context(
        serve(guard.wrap(routes), host=config.bind_address, port=config.secure_port, tls=tls)
    )
