"""`kajitori dns`: flags and Corefile → a running DNS server.

May import: dns, client, aiokit.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kajitori.aiokit import logs
from kajitori.aiokit.flags import Flags
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import Handler as Route
from kajitori.aiokit.http.routes import exposition, serve
from kajitori.aiokit.main import run_main
from kajitori.aiokit.services import forever
from kajitori.client.component import rest_config_or_exit
from kajitori.client.informers import Informers
from kajitori.client.rest import Client
from kajitori.dns import metrics
from kajitori.dns.corefile import CorefileError, ServerBlock, parse
from kajitori.dns.handler import Block, Handler
from kajitori.dns.index import ClusterIndex, cluster_ips
from kajitori.dns.server import serve as serve_dns
from kajitori.dns.views import EndpointSlice, Namespace, Pod, Service

log = logs.get_logger(__name__)
DEFAULT_COREFILE = """.:{port} {{
    errors
    health
    ready
    kubernetes {domain} in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }}
    prometheus :9153
    forward . {upstream}
    cache 30
    loadbalance
}}
"""


def flags() -> Flags:
    f = Flags("kajitori dns", "Cluster DNS (coredns' part).", one_dash=True)
    f.string("conf", "", "Corefile to load; without one, a usual configuration for clusters")
    f.integer("dns.port", 53, "Default port")
    f.string("kubeconfig", "", "Path to a kubeconfig; without one, the Pod's service account")
    f.string("master", "", "The address of the API server (overrides any value in kubeconfig)")
    f.string("bind-address", "0.0.0.0", "The address to answer on")
    f.string("cluster-domain", "cluster.local", "The cluster's domain, where no Corefile is given")
    f.strings("upstream", ("/etc/resolv.conf",), "Servers for other names, where no Corefile is given")
    f.boolean("quiet", False, "Accepted; there is no banner")
    return f


def main(argv: Sequence[str]) -> int:
    """The process; gives its exit code."""
    options = flags().parse_or_exit(argv)
    logs.configure(options["v"], options["logging-format"], options["vmodule"])
    try:
        if options["conf"]:
            text = Path(options["conf"]).read_text()
        else:
            upstream = " ".join(options["upstream"])
            text = DEFAULT_COREFILE.format(
                port=options["dns.port"], domain=options["cluster-domain"], upstream=upstream
            )
        blocks = parse(text, default_port=options["dns.port"])
    except (OSError, CorefileError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return run_main(
        lambda: run(blocks, kubeconfig=options["kubeconfig"], server=options["master"], host=options["bind-address"])
    )


async def run(blocks: Sequence[ServerBlock], *, kubeconfig: str = "", server: str = "", host: str = "") -> None:
    """Serve until cancelled."""
    index = ClusterIndex()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        state = _Readiness()
        await _serve_http(stack, blocks, state)
        live = [Block(config, index) for config in blocks]
        for port in sorted({config.port for config in blocks}):
            handler = Handler([block for block in live if block.config.port == port])
            await stack.enter_async_context(serve_dns(handler.answer, host=host, port=port))
        try:
            if any(config.kubernetes for config in blocks):
                path = kubeconfig or next((config.kubeconfig for config in blocks if config.kubeconfig), "")
                await _follow_cluster(stack, group, live, index, path, server)
            state.is_ready = True
            log.info("serving", ports=",".join(sorted({str(config.port) for config in blocks})))
            await asyncio.Event().wait()
        finally:
            state.is_ready = False
            lameduck = max(config.lameduck_s for config in blocks)
            if lameduck:  # clients may still be sent here until everybody knows that we leave
                await asyncio.sleep(lameduck)


class _Readiness:
    is_ready = False


async def _follow_cluster(
    stack: AsyncExitStack,
    group: asyncio.TaskGroup,
    blocks: Sequence[Block],
    index: ClusterIndex,
    kubeconfig: str,
    server: str,
) -> None:
    """Watch what the zones are made of; returns once it is all there."""
    config = rest_config_or_exit(kubeconfig, server)
    client = await stack.enter_async_context(Client(config))
    informers = Informers(client)
    kinds: list[tuple[type[Any], Callable[[Any, Any], None]]] = [
        (Namespace, index.namespace_changed),
        (Service, index.service_changed),
        (EndpointSlice, index.slice_changed),
    ]
    if any(block.config.kubernetes and block.config.kubernetes.pods == "verified" for block in blocks):
        kinds.append((Pod, index.pod_changed))
    for kind, changed in kinds:
        informers.of(kind).add_handler(partial(changed, None), changed, partial(_gone, changed))
    index.is_complete = False
    group.create_task(forever(informers.run(), "informers"), name="informers")
    await informers.synced()
    index.is_complete = True
    _learn_own_address(blocks, index)


def _gone(changed: Callable[[Any, Any], None], old: Any) -> None:
    changed(old, None)


def _learn_own_address(blocks: Sequence[Block], index: ClusterIndex) -> None:
    """ns.dns.<zone> is the Service that leads to us."""
    service = index.services.get(("kube-system", "kube-dns"))
    ips = tuple(cluster_ips(service)) if service else ()
    for block in blocks:
        if block.config.kubernetes and ips:
            block.config = replace(block.config, kubernetes=replace(block.config.kubernetes, dns_addresses=ips))


async def _serve_http(stack: AsyncExitStack, blocks: Sequence[ServerBlock], state: _Readiness) -> None:
    def health(_request: Request) -> Response:
        return Response.text("OK")

    def ready(_request: Request) -> Response:
        return Response.text("OK") if state.is_ready else Response.text("kubernetes", 503)

    def measures(_request: Request) -> Response:
        return exposition(metrics.REGISTRY.text())

    ports: dict[int, dict[str, Route]] = {}
    for block in blocks:
        for port, path, route in (
            (block.health_port, "/health", health),
            (block.ready_port, "/ready", ready),
            (block.metrics_port, "/metrics", measures),
        ):
            if port:
                ports.setdefault(port, {})[path] = route
    for port, routes in ports.items():
        await stack.enter_async_context(serve(routes, host="0.0.0.0", port=port))
