"""What load balancers and probes ask the proxy: /healthz on 10256 and one server per healthCheckNodePort.

May import: aiokit, proxy.services.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import orjson

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import serve
from kajitori.aiokit.logs import get_logger
from kajitori.machinery.times import format_time

log = get_logger(__name__)
GRACE_S = 60.0


class Health:
    """Healthy as long as no requested sync has been waiting for more than a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queued_at: float | None = None
        self._updated = clock.now()
        self.is_node_eligible = True  # false once the node is being deleted

    def queued(self) -> None:
        """A change waits from now on, unless one waits already."""
        if self._queued_at is None:
            self._queued_at = self._clock.monotonic()

    def updated(self) -> None:
        """The rules are as they should be now."""
        self._queued_at = None
        self._updated = self._clock.now()

    @property
    def is_healthy(self) -> bool:
        return self._queued_at is None or self._clock.monotonic() - self._queued_at < GRACE_S

    def healthz(self, _request: Request) -> Response:
        """For load balancers: also says no while the node goes away."""
        return self._answer(self.is_healthy and self.is_node_eligible)

    def livez(self, _request: Request) -> Response:
        """The same as healthz, whether or not the node goes away."""
        return self._answer(self.is_healthy)

    def _answer(self, good: bool) -> Response:
        now = self._clock.now()
        body = {
            "lastUpdated": format_time(now if self.is_healthy else self._updated),
            "currentTime": format_time(now),
            "nodeEligible": self.is_node_eligible,
        }
        return Response(orjson.dumps(body), status=200 if good else 503)


class NodePortHealth:
    """The servers behind healthCheckNodePort: 200 where this node has endpoints of the Service, else 503."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._counts: Mapping[int, tuple[str, str, int]] = {}
        self._servers: dict[int, AsyncExitStack] = {}
        self._lock = asyncio.Lock()

    async def sync(self, counts: Mapping[int, tuple[str, str, int]]) -> None:
        """Open and close servers so that exactly the ports of `counts` answer."""
        async with self._lock:
            self._counts = counts
            for port in [p for p in self._servers if p not in counts]:
                await self._servers.pop(port).aclose()
            for port in [p for p in counts if p not in self._servers]:
                await self._open(port)

    async def _open(self, port: int) -> None:
        stack = AsyncExitStack()
        try:
            await stack.enter_async_context(
                serve({}, host="0.0.0.0", port=port, fallback=lambda _request: self._answer(port))
            )
        except OSError as error:
            log.error("cannot serve a health check node port", port=port, err=str(error))
            return
        self._servers[port] = stack

    def _answer(self, port: int) -> Response:
        namespace, name, count = self._counts.get(port, ("", "", 0))
        healthy = self._health.is_healthy
        body = {
            "service": {"namespace": namespace, "name": name},
            "localEndpoints": count,
            "serviceProxyHealthy": healthy,
        }
        weight = ("X-Load-Balancing-Endpoint-Weight", str(count))
        return Response(orjson.dumps(body), status=200 if count and healthy else 503, headers=[weight])

    async def close(self) -> None:
        await self.sync({})
