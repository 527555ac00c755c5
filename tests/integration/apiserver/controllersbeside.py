"""Controllers beside a server of a test, in a thread and an event loop of their own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kajitori.client.rest import Client
from kajitori.controllers.controller import Options
from kajitori.controllers.manager import ControllerManager
from kajitori.testing import ControlPlane


class Controllers(threading.Thread):
    """All controllers, or those `wanted`; `ready` once they know what there is."""

    def __init__(self, control_plane: ControlPlane, wanted: tuple[str, ...], options: Options) -> None:
        super().__init__(name="controllers", daemon=True)
        self.ready = threading.Event()
        self._control_plane, self._wanted, self._options = control_plane, wanted, options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        async with Client(self._control_plane.rest_config) as client:
            manager = ControllerManager(client, self._options, self._wanted or ("*",))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(manager.run())
                await manager.synced()
                self.ready.set()

    def stop(self) -> None:
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self.join()


@contextmanager
def controllers_beside(control_plane: ControlPlane, *wanted: str, **options: Any) -> Iterator[None]:
    """`options` are fields of the controllers' Options."""
    controllers = Controllers(control_plane, wanted, Options(**options))
    controllers.start()
    assert controllers.ready.wait(30), "the controllers do not start"
    try:
        yield
    finally:
        controllers.stop()
