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
from kajitori.client.discovery import Discovery
from kajitori.client.informers import Informers
from kajitori.client.rest import Client
from kajitori.controllers import registry
from kajitori.controllers.controller import Context, Controller, Options

log = get_logger(__name__)


class ControllerManager:
    """`run()` serves until cancelled; `synced()` returns when every controller works on what its caches show."""

    def __init__(
        self, client: Client, options: Options, wanted: Sequence[str] = ("*",), *, clock: Clock | None = None
    ) -> None:
        self.context = Context(
            client=client,
            informers=Informers(client, clock=clock),
            discovery=Discovery(client),
            options=options,
            clock=clock or RealClock(),
        )
        names = [name for name in registry.CONTROLLERS if registry.is_enabled(name, wanted)]
        self.controllers: list[Controller] = [registry.load(name)(self.context) for name in names]
        self._synced = asyncio.Event()

    async def synced(self) -> None:
        await self._synced.wait()

    async def run(self) -> None:
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
