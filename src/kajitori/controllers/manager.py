"""The controllers of one process, together: shared informers, started in order, stopped in the reverse one.

    informers ── outlive ──> controllers        nesting is the stopping order

May import: controllers.*, client, aiokit.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import forever
from kajitori.client.accounts import account_transport
from kajitori.client.discovery import Discovery
from kajitori.client.informers import Informers
from kajitori.client.rest import Client
from kajitori.controllers import registry
from kajitori.controllers.controller import Context, Controller, Options

log = get_logger(__name__)


class ControllerManager:
    """`run()` serves until cancelled; `synced()` returns when every controller works on what its caches show."""

    def __init__(
        self,
        client: Client,
        options: Options,
        wanted: Sequence[str] = ("*",),
        *,
        own_accounts: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._account_clients: dict[str, Client] = {}
        self.context = Context(
            client=client,
            informers=Informers(client, clock=clock),
            discovery=Discovery(client),
            client_for=self._client_for if own_accounts else None,
            options=options,
            clock=clock or RealClock(),
        )
        names = [name for name in registry.CONTROLLERS if registry.is_enabled(name, wanted)]
        self.controllers: list[Controller] = [registry.load(name)(self.context) for name in names]
        self._synced = asyncio.Event()

    async def synced(self) -> None:
        await self._synced.wait()

    def _client_for(self, account: str) -> Client:
        """A client under a ServiceAccount of its own (`--use-service-account-credentials`)."""
        if account not in self._account_clients:
            transport = account_transport(self._client, "kube-system", account)
            self._account_clients[account] = Client(transport.config, transport=transport)
        return self._account_clients[account]

    async def run(self) -> None:
        """Serves until cancelled, then closes the clients of the controllers' own accounts."""
        try:
            await self._run()
        finally:
            for client in self._account_clients.values():
                await client.close()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as caches:
            informers = self.context.informers
            caches.create_task(forever(informers.run(), "informers"), name="informers")
            await informers.synced()
            gc.freeze()  # types and caches are here to stay
            async with asyncio.TaskGroup() as controllers:
                for controller in self.controllers:
                    controllers.create_task(forever(controller.run(), controller.name), name=controller.name)
                log.info("started controllers", count=len(self.controllers))
                self._synced.set()
