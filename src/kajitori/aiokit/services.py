"""Wrappers for tasks that should not end, and for calls that should be tried again.

A task group does not notice a member that merely returns; `forever` makes that loud. `Background` is the one place
where a task without a group may be born, for objects whose life is not a lexical block.
May import: the standard library and aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import describe, get_logger

T = TypeVar("T")
log = get_logger(__name__)


class ServiceEnded(RuntimeError):
    """A service that should run until it is cancelled has returned."""


async def forever(awaitable: Awaitable[object], name: str = "service") -> NoReturn:
    """Awaits a service; its mere return is an error, its errors and its cancellation pass through."""
    await awaitable
    raise ServiceEnded(f"{name} ended, though it should run until it is cancelled")


async def completed(awaitable: Awaitable[T]) -> T:
    """Awaits something to its end even if the caller is cancelled meanwhile; then the cancellation goes on.

    For calls that would leave half a thing behind.
    """
    task = asyncio.ensure_future(awaitable)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def retrying(
    make: Callable[[], Awaitable[T]],
    *,
    name: str,
    retry_on: type[BaseException] | tuple[type[BaseException], ...] = (OSError,),
    backoff: Backoff | None = None,
    clock: Clock | None = None,
) -> T:
    """Calls `make` until it succeeds, with growing pauses. Errors not in `retry_on` pass through."""
    pauses = backoff or Backoff(0.1, max_s=10.0, jitter=0.2)
    time = clock or RealClock()
    while True:
        try:
            return await make()
        except retry_on as error:
            pause = pauses.next()
            log.v(1).info("will try again", what=name, err=describe(error), pause_s=round(pause, 3))
        await time.sleep(pause)


class Background:
    """Tasks owned by an object: `start` begins one, `stop` cancels all and waits. A failed task is logged once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str = "") -> asyncio.Task[Any]:
        """Runs `work` as a task that this object owns; it begins at the caller's next await."""
        task = asyncio.get_running_loop().create_task(work, name=name or self.name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    async def drained(self) -> None:
        """Returns when no task is left; their errors have been logged."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def stop(self) -> None:
        """Cancels every task and returns when all have ended; how they ended is not told."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background task failed", error, task=task.get_name())
