"""`kajitori controller-manager`: flags → running controllers, while we lead.

May import: controllers.*, client, aiokit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from kajitori.aiokit.component import run_component
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import exposition, ok, serve
from kajitori.aiokit.workqueue import BUCKETS
from kajitori.client.component import rest_config_or_exit
from kajitori.client.events import EventRecorder
from kajitori.client.leader import LeaderElector
from kajitori.client.metrics import component_registry
from kajitori.client.rest import Client
from kajitori.client.serving import Guard, tls_context
from kajitori.controllers.config import Config, flags, from_flags
from kajitori.controllers.manager import ControllerManager

COMPONENT = "kube-controller-manager"


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    return run_component(flags(), argv, from_flags, run)


async def run(config: Config) -> None:
    """Serve until cancelled; with leader election, the controllers run only while leading."""
    rest = rest_config_or_exit(config.kubeconfig, config.server)
    async with Client(rest) as client, AsyncExitStack() as stack:
        manager: list[ControllerManager] = []
        await _serve(stack, config, client, manager)

        async def lead() -> None:
            accounts = config.own_accounts
            manager.append(ControllerManager(client, config.options, config.controllers, own_accounts=accounts))
            await manager[0].run()

        if not config.leader_elect:
            await lead()
            return
        recorder = EventRecorder(client, COMPONENT)
        stack.push_async_callback(recorder.close)
        lease = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "namespace": config.lease_namespace,
            "name": config.lease_name,
        }
        elector = LeaderElector(
            client,
            namespace=config.lease_namespace,
            name=config.lease_name,
            lease_duration_s=config.lease_duration_s,
            renew_deadline_s=config.renew_deadline_s,
            retry_period_s=config.retry_period_s,
            on_elected=lambda text: recorder.event(lease, "Normal", "LeaderElection", text),
        )
        await elector.run(lead)


async def _serve(stack: AsyncExitStack, config: Config, client: Client, manager: list[ControllerManager]) -> None:
    if not config.secure_port:
        return

    def metrics(_request: Request) -> Response:
        return exposition(metrics_of(manager[0] if manager else None))

    routes = {"/healthz": ok, "/livez": ok, "/readyz": ok, "/metrics": metrics}
    guard = Guard(client, config.always_allow_paths)
    tls = await tls_context(config.cert_file, config.key_file, name=COMPONENT)
    await stack.enter_async_context(
        serve(guard.wrap(routes), host=config.bind_address, port=config.secure_port, tls=tls)
    )


def metrics_of(manager: ControllerManager | None) -> str:
    """Upstream's work queue metrics, read off the queues when somebody asks, and what every component has."""
    queues = [controller.queue for controller in manager.controllers] if manager else []
    registry, names = component_registry(), ("name",)
    depth = registry.gauge("workqueue_depth", "How many keys wait.", names, "BETA")
    adds = registry.counter("workqueue_adds_total", "How many keys were added.", names, "BETA")
    retries = registry.counter("workqueue_retries_total", "How many keys were tried again.", names, "BETA")
    wait, work = "workqueue_queue_duration_seconds", "workqueue_work_duration_seconds"
    waited = registry.histogram(wait, "How long keys waited, in seconds.", names, BUCKETS, "BETA")
    worked = registry.histogram(work, "How long keys were worked on, in seconds.", names, BUCKETS, "BETA")
    unfinished = registry.gauge(
        "workqueue_unfinished_work_seconds", "Seconds of work under way, of all workers together.", names, "BETA"
    )
    longest = registry.gauge(
        "workqueue_longest_running_processor_seconds", "Seconds of the longest work under way.", names, "BETA"
    )
    for queue in queues:
        depth.set(len(queue), queue.name)
        adds.inc(queue.name, by=queue.adds_total)
        retries.inc(queue.name, by=queue.retries_total)
        waited.adopt(queue.waited, queue.name)
        worked.adopt(queue.worked, queue.name)
        under_way = queue.unfinished_s()
        unfinished.set(sum(under_way), queue.name)
        longest.set(max(under_way, default=0.0), queue.name)
    running = registry.gauge("running_managed_controllers", "1 for each that runs.", ("name", "manager"), "BETA")
    for controller in manager.controllers if manager else []:
        running.set(1, controller.queue.name, COMPONENT)
    return registry.text()
