"""Waiting for what another process, thread or task brings about: `eventually` in plain tests, `until` in async ones.

Both ask again and again and give the first answer that holds, which without more said is the first true one. When time is
up the test fails with what was awaited and with the last answer. What `ask` raises is raised, unless it is named in `despite`:
then it means "not yet". A blocking `ask` would hold up the event loop: give `until` a coroutine function, or
`lambda: asyncio.to_thread(…)`. May import: the standard library.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
Errors = type[Exception] | tuple[type[Exception], ...]

PATIENCE_S = 30.0
"""Far more than any of this takes on a machine at rest, so that a busy one is no failure."""


def eventually(
    ask: Callable[[], T],
    what: str,
    timeout_s: float = PATIENCE_S,
    *,
    holds: Callable[[T], object] = bool,
    every_s: float = 0.02,
    despite: Errors = (),
) -> T:
    """The first answer that holds. `what` is a claim, as a failed test should tell it: "the Pod is gone"."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            answer = ask()
            if holds(answer):
                return answer
            last, cause = _shown(answer), None
        except despite as error:
            last, cause = f"the last try failed: {error!r}", error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what}; {last}") from cause
        time.sleep(every_s)


def _shown(answer: object) -> str:
    text = repr(answer)
    return f"the last answer was {text if len(text) <= 2000 else text[:2000] + '…'}"


@overload
async def until(
    ask: Callable[[], Awaitable[T]],
    what: str,
    timeout_s: float = ...,
    *,
    holds: Callable[[T], object] = ...,
    every_s: float = ...,
    despite: Errors = ...,
) -> T: ...


@overload
async def until(
    ask: Callable[[], T],
    what: str,
    timeout_s: float = ...,
    *,
    holds: Callable[[T], object] = ...,
    every_s: float = ...,
    despite: Errors = ...,
) -> T: ...


async def until(
    ask: Callable[[], Any],
    what: str,
    timeout_s: float = PATIENCE_S,
    *,
    holds: Callable[[Any], object] = bool,
    every_s: float = 0.02,
    despite: Errors = (),
) -> Any:
    """The same for coroutines. One that hangs is cancelled when time is up."""
    last, cause = "no answer came", None
    try:
        async with asyncio.timeout(timeout_s) as limit:
            while True:
                try:
                    given = ask()
                    answer = await given if inspect.isawaitable(given) else given
                    if holds(answer):
                        return answer
                    last, cause = _shown(answer), None
                except despite as error:
                    last, cause = f"the last try failed: {error!r}", error
                await asyncio.sleep(every_s)
    except TimeoutError as error:
        if not limit.expired():
            raise  # the question's own
        raise AssertionError(f"not within {timeout_s:g} s: {what}; {last}") from cause or error
