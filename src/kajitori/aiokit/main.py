"""From a coroutine to a process: event loop, signals, exit code.

SIGINT and SIGTERM cancel the main task once, so that everything unwinds through `finally`; a second one ends the
process at once. May import: the standard library, uvloop if present, aiokit.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable

from kajitori.aiokit.logs import get_logger

log = get_logger(__name__)


def run_main(main: Callable[[], Awaitable[int | None]], *, uvloop: bool = True) -> int:
    """Runs `main` to its end and gives the exit code: its own, 0 after a signal, 1 after an error."""
    with asyncio.Runner(loop_factory=_loop_factory(uvloop)) as runner:
        return runner.run(_supervise(main))


def _loop_factory(wanted: bool) -> Callable[[], asyncio.AbstractEventLoop]:
    if wanted:
        try:
            import uvloop as fast

            factory: Callable[[], asyncio.AbstractEventLoop] = fast.new_event_loop
            return factory
        except ImportError:
            log.v(2).info("uvloop is missing, using asyncio's own loop")
    return asyncio.new_event_loop


async def _supervise(main: Callable[[], Awaitable[int | None]]) -> int:
    loop = asyncio.get_running_loop()
    task: asyncio.Future[int | None] = asyncio.ensure_future(main())
    signals: list[int] = []

    def stop(number: int) -> None:
        if signals:
            os._exit(1)
        signals.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    gc.freeze()  # what is imported by now stays for good: do not walk it in every collection
    try:
        return await task or 0
    except asyncio.CancelledError:
        return 0 if signals else 1
    except Exception as error:  # noqa: BLE001 - the process ends here, and says why
        log.error("exiting", error)
        return 1
