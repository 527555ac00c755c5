"""KubeletServer: the sockets, the routes, and the gate before them.

10250 (TLS) serves everything and asks `auth` first; 10248 on loopback says only `ok`; the read-only port, if asked for,
tells without asking. `run()` serves until cancelled
and then drops open streams; `ready()` returns when both ports listen. May import: api, client, aiokit, kubelet.*.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.http.message import Answer, BodyTooLarge, Request, Response
from kajitori.aiokit.http.routes import exposition, not_found
from kajitori.aiokit.http.server import HttpServer
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.metrics import Registry
from kajitori.api import schema
from kajitori.client.metrics import component_registry
from kajitori.kubelet.interfaces import ContainerRuntime, CRIError, PodProvider, ServerConfig
from kajitori.kubelet.probes import metrics as probes
from kajitori.kubelet.server import containerlogs, selfsigned
from kajitori.kubelet.server.auth import Gate
from kajitori.kubelet.server.commands import Commands
from kajitori.kubelet.server.requests import BadRequest
from kajitori.kubelet.server.stats import Stats

if TYPE_CHECKING:
    from kajitori.client.rest import Client

log = get_logger(__name__)
DEFAULT_CERT_DIR = "/var/lib/kubelet/pki"
STOP_GRACE_S = 1.0


class KubeletServer:
    def __init__(
        self,
        config: ServerConfig,
        runtime: ContainerRuntime,
        pods: PodProvider,
        *,
        client: Client | None = None,
        node_name: str = "",
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self.node_name = node_name or config.node_name or socket.gethostname()
        self.port = config.port
        self._runtime, self._pods = runtime, pods
        self._gate = Gate(config, client, self.node_name, clock or RealClock())
        self._commands = Commands(runtime, pods)
        self._stats = Stats(runtime, pods, self.node_name)
        self._ready = asyncio.Event()
        self._metrics = self._registry()

    async def run(self) -> None:
        """Listens and serves until cancelled; raises OSError if a port cannot be had."""
        config = self.config
        main, health, read_only = HttpServer(self._handle), HttpServer(_healthz), HttpServer(self._handle_read_only)
        try:
            if config.healthz_port:
                await health.listen(config.healthz_address, config.healthz_port)
            if config.read_only_port:
                await read_only.listen(config.address, config.read_only_port)
            self.port = await main.listen(config.address, config.port, await self._tls())
            log.info("serving", address=config.address, port=self.port)
            self._ready.set()
            await asyncio.Event().wait()
        finally:
            for server in (main, health, read_only):
                await server.stop(STOP_GRACE_S)

    async def ready(self) -> None:
        await self._ready.wait()

    async def _tls(self) -> ssl.SSLContext:
        config = self.config
        certificate, key = Path(config.tls_cert_file), Path(config.tls_private_key_file)
        if not (config.tls_cert_file and config.tls_private_key_file):
            folder = Path(str(config.extra.get("cert_dir") or DEFAULT_CERT_DIR))
            sans = [str(san) for san in config.extra.get("sans", ())]
            certificate, key = await selfsigned.ensure(folder, self.node_name, sans)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
        if config.client_ca_file:
            context.load_verify_locations(config.client_ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    async def _handle(self, request: Request) -> Answer:
        refusal = await self._gate.admit(request)
        if refusal is not None:
            return refusal
        try:
            return await self._route(request)
        except BadRequest as err:
            return Response.text(f"{err}\n", err.status)
        except BodyTooLarge:
            return Response.text("request body too large\n", 413)
        except CRIError as err:
            return Response.text(f"{err}\n", 500)

    async def _handle_read_only(self, request: Request) -> Response:
        """--read-only-port: no gate, and nothing but what tells."""
        if request.method not in ("GET", "HEAD") or request.path.rstrip("/") == "/configz":
            return not_found(request)
        try:
            return await self._read(request)
        except CRIError as err:
            return Response.text(f"{err}\n", 500)

    async def _route(self, request: Request) -> Answer:
        match [part for part in request.path.split("/") if part]:
            case ["containerLogs", namespace, pod, container]:
                return await containerlogs.serve(request, self._pods, namespace, pod, container)
            case ["exec" | "attach" as what, namespace, pod, container]:
                return await self._commands.stream(request, what, namespace, pod, container)
            case ["exec" | "attach" as what, namespace, pod, _uid, container]:
                return await self._commands.stream(request, what, namespace, pod, container)
            case ["portForward", namespace, pod] | ["portForward", namespace, pod, _]:
                return await self._commands.port_forward(request, namespace, pod)
            case ["run", namespace, pod, container] | ["run", namespace, pod, _, container]:
                if request.method != "POST":
                    return Response.text("405: Method Not Allowed", 405)
                return await self._commands.run(request, namespace, pod, container)
            case _:
                return await self._read(request)

    async def _read(self, request: Request) -> Response:
        """The endpoints that only tell."""
        match request.path.rstrip("/"):
            case "/healthz" | "/healthz/ping" | "/healthz/log" | "/healthz/syncloop":
                return Response.text("ok")
            case "/pods":
                return Response(pod_list(self._pods.pods()))
            case "/runningpods":
                return Response(self._running_pods())
            case "/stats/summary":
                return Response(orjson.dumps(await self._stats.summary()))
            case "/metrics":
                return exposition(self._metrics.text())
            case "/metrics/resource":
                return exposition(await self._stats.resource_metrics())
            case "/metrics/cadvisor":
                return exposition(await self._stats.cadvisor_metrics())
            case "/metrics/probes":
                return exposition(probes.REGISTRY.text())
            case "/configz":
                return Response(orjson.dumps({"kubeletconfig": self._configuration()}))
        return not_found(request)

    def _configuration(self) -> Mapping[str, Any]:
        config = self.config
        known = {
            "kind": "KubeletConfiguration",
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "address": config.address,
            "port": config.port,
            "healthzBindAddress": config.healthz_address,
            "healthzPort": config.healthz_port,
            "authentication": {
                "x509": {"clientCAFile": config.client_ca_file},
                "webhook": {"enabled": config.webhook_auth},
                "anonymous": {"enabled": config.anonymous_auth},
            },
            "authorization": {"mode": "AlwaysAllow" if config.always_allow else "Webhook"},
        }
        return {**known, **dict(config.extra.get("configz", {}))}

    def _running_pods(self) -> bytes:
        items = []
        for pod in self._pods.pods():
            running = [c for c in self._pods.containers(pod.metadata.uid or "") if c.state == "running"]
            if running:
                meta = {"name": pod.metadata.name, "namespace": pod.metadata.namespace, "uid": pod.metadata.uid}
                containers = [{"name": container.name, "resources": {}} for container in running]
                items.append({"metadata": meta, "spec": {"containers": containers}, "status": {}})
        return orjson.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})

    def _registry(self) -> Registry:
        registry = component_registry()
        registry.gauge("kubelet_node_name", "The node's name, as a label of a 1.", ("node",), "ALPHA").set(
            1, self.node_name
        )
        registry.callback(
            "kubelet_running_pods", "Pods whose sandbox runs.", (), lambda: {(): self._count_pods()}, "ALPHA"
        )
        registry.callback(
            "kubelet_running_containers", "Containers by their state.", ("container_state",), self._count, "ALPHA"
        )
        return registry

    def _count_pods(self) -> int:
        return sum(self._pods.sandbox_id(pod.metadata.uid or "") is not None for pod in self._pods.pods())

    def _count(self) -> dict[tuple[str, ...], float]:
        counts: dict[tuple[str, ...], float] = {("running",): 0.0}
        for pod in self._pods.pods():
            for container in self._pods.containers(pod.metadata.uid or ""):
                counts[(container.state,)] = counts.get((container.state,), 0.0) + 1
        return counts


def pod_list(pods: list[Any]) -> bytes:
    """A v1 PodList as JSON."""
    items = b",".join(schema.encode(pod) for pod in pods)
    return b'{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[' + items + b"]}"


async def _healthz(request: Request) -> Response:
    return Response.text("ok") if request.path.rstrip("/") == "/healthz" else not_found(request)
