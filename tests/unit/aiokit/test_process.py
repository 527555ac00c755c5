"""Tools as processes: output, errors, and cancellation that always arrives."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvloop

from kajitori.aiokit.process import CommandFailed, run

LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


@LOOPS
def test_text_goes_in_and_comes_out(loop: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(run(["cat"], "héllo\n")) == "héllo\n"


@LOOPS
def test_an_error_is_told_in_the_tools_own_words(loop: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        with pytest.raises(CommandFailed, match="sh: exit code 3: no way") as caught:
            runner.run(run(["sh", "-c", "echo no way >&2; exit 3"]))
    assert caught.value.code == 3


@LOOPS
@pytest.mark.parametrize("script", ["exec sleep 3", "sleep 3 &"], ids=["still runs", "has ended but not its child"])
def test_cancellation_ends_a_tool_that(loop: Callable[[], Any], script: str) -> None:
    """A lost cancellation is a component that does not end when it is told to."""

    async def cancelled() -> bool:
        task = asyncio.ensure_future(run(["sh", "-c", script]))
        await asyncio.sleep(0.2)  # nothing outside tells that the shell has been reaped
        task.cancel()
        await asyncio.wait([task], timeout=2)
        return task.cancelled()

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(cancelled())
