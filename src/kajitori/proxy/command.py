"""`kajitori proxy`: flags and file → a running proxy. Nesting is the stopping order: informers outlive the proxier.

May import: proxy, client, aiokit.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from kajitori.aiokit import logs
from kajitori.aiokit.clock import RealClock
from kajitori.aiokit.component import run_component
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import exposition, ok, serve
from kajitori.aiokit.process import CommandFailed
from kajitori.aiokit.process import run as run_tool
from kajitori.aiokit.services import forever
from kajitori.client.component import rest_config_or_exit
from kajitori.client.informers import Informers
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import Client
from kajitori.proxy.backend import Backend, IptablesBackend, NftablesBackend
from kajitori.proxy.config import Config, flags, from_flags, split_address
from kajitori.proxy.health import Health
from kajitori.proxy.metrics import REGISTRY
from kajitori.proxy.proxier import Proxier
from kajitori.proxy.services import LABEL_ZONE, Family, NodeInfo
from kajitori.proxy.views import EndpointSlice, Node, Service

log = logs.get_logger(__name__)
MODES = ("iptables", "nftables")
NOT_OURS = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    return run_component(flags(), argv, partial(from_flags, hostname=socket.gethostname().lower()), run)


async def run(config: Config) -> None:
    """Serve until cancelled (or clean up and return)."""
    families = await _families()
    if config.is_cleanup:
        for mode in MODES:
            for backend in _backends(config, mode, families).values():
                await backend.cleanup()
        return
    mode = config.mode or "iptables"
    await _clean_after_others(config, mode, families)
    _prepare_kernel(config)
    rest = rest_config_or_exit(config.kubeconfig, config.server)
    health = Health(RealClock())
    async with Client(rest) as client, AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        await _serve(stack, config, health, mode)
        informers = Informers(client)
        services = informers.of(Service, label_selector=NOT_OURS)
        slices = informers.of(EndpointSlice, label_selector=NOT_OURS)
        nodes = informers.of(Node, field_selector=f"metadata.name={config.node_name}")

        def node_info() -> NodeInfo:
            node = nodes.lister.get(ObjectKey("", config.node_name))
            return NodeInfo(config.node_name, node.metadata.labels.get(LABEL_ZONE, "") if node else "")

        proxier = Proxier(
            services=services.lister.list,
            slices=slices.lister.list,
            node=node_info,
            backends=_backends(config, mode, families),
            health=health,
            min_sync_s=config.min_sync_s,
            sync_period_s=config.sync_period_s,
        )
        group.create_task(forever(informers.run(), "informers"), name="informers")
        await informers.synced()
        for informer in (services, slices):
            informer.add_handler(lambda _: proxier.changed(), lambda *_: proxier.changed(), lambda _: proxier.changed())
        _follow_node(nodes, proxier, health)
        proxier.changed()
        log.info("caches are synced", node=config.node_name, mode=mode)
        await proxier.run()


async def _clean_after_others(config: Config, mode: str, families: Sequence[Family]) -> None:
    """Rules of another mode would still be in force beside ours."""
    for other in MODES:
        for backend in _backends(config, other, families).values() if other != mode else ():
            try:
                await backend.cleanup()
            except (CommandFailed, FileNotFoundError) as error:
                log.v(1).info("the other mode's tool is not usable, nothing to clean up", err=str(error))


def _follow_node(nodes: Any, proxier: Proxier, health: Health) -> None:
    """A new zone label changes the choice of endpoints; a node being deleted asks load balancers to go away."""
    seen: list[str] = []

    def updated(node: Node) -> None:
        zone = node.metadata.labels.get(LABEL_ZONE, "")
        if seen != [zone]:
            seen[:] = [zone]
            proxier.changed()
        health.is_node_eligible = not node.metadata.deletion_timestamp

    nodes.add_handler(updated, lambda _old, new: updated(new), lambda _: None)


async def _families() -> list[Family]:
    """IPv4, and IPv6 where this network namespace routes it."""
    families: list[Family] = ["IPv4"]
    try:
        if await run_tool(["ip", "-6", "-o", "addr", "show", "scope", "global"]):
            await run_tool(["ip6tables-save", "-t", "nat"])
            families.append("IPv6")
    except (CommandFailed, FileNotFoundError):
        log.v(1).info("IPv6 is not usable here")
    return families


def _backends(config: Config, mode: str, families: Sequence[Family]) -> dict[Family, Backend]:
    make = NftablesBackend if mode == "nftables" else IptablesBackend
    return {family: make(config.rule_options(family)) for family in families}


def _prepare_kernel(config: Config) -> None:
    """The switches without which the rules have no effect."""
    wanted = {"net/ipv4/ip_forward": "1"}
    if config.localhost_node_ports and config.mode != "nftables":
        wanted["net/ipv4/conf/all/route_localnet"] = "1"
    for name, value in wanted.items():
        path = Path("/proc/sys") / name
        try:
            if path.read_text().strip() != value:
                path.write_text(value)
        except OSError as error:
            log.warning("cannot set a kernel parameter", name=name, err=str(error))


async def _serve(stack: AsyncExitStack, config: Config, health: Health, mode: str) -> None:
    def metrics(_request: Request) -> Response:
        return exposition(REGISTRY.text())

    if config.healthz_address:
        host, port = split_address(config.healthz_address, 10256)
        routes = {"/healthz": health.healthz, "/livez": health.livez}
        await stack.enter_async_context(serve(routes, host=host, port=port))
    if config.metrics_address:
        host, port = split_address(config.metrics_address, 10249)
        routes = {"/metrics": metrics, "/healthz": ok, "/proxyMode": lambda _request: Response.text(mode)}
        await stack.enter_async_context(serve(routes, host=host, port=port))
