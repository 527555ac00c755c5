import asyncio
import os
import signal

import pytest

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.clock import FakeClock
from kajitori.aiokit.main import run_main
from kajitori.aiokit.services import Background, ServiceEnded, completed, forever, retrying


def test_a_service_that_returns_is_an_error_that_names_it() -> None:
    async def returns() -> None: ...

    with pytest.raises(ServiceEnded, match="informers"):
        asyncio.run(forever(returns(), "informers"))


def test_what_has_to_be_completed_outlives_a_cancellation() -> None:
    async def scenario() -> list[str]:
        seen: list[str] = []
        go = asyncio.Event()

        async def whole() -> None:
            await go.wait()
            seen.append("done")

        async def caller() -> None:
            try:
                await completed(whole())
            finally:
                seen.append("left")

        task = asyncio.create_task(caller())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert asyncio.run(scenario()) == ["done", "left"]


def test_retrying_pauses_longer_each_time_and_returns_the_result() -> None:
    async def scenario() -> tuple[int, float]:
        clock, calls = FakeClock(), 0

        async def flaky() -> int:
            nonlocal calls
            calls += 1
            if calls < 4:
                raise OSError("refused")
            return calls

        task = asyncio.ensure_future(retrying(flaky, name="x", backoff=Backoff(1, max_s=60), clock=clock))
        await clock.run_for(1 + 2 + 4)
        return await task, clock.monotonic()

    assert asyncio.run(scenario()) == (4, 7.0)


def test_retrying_lets_other_errors_through() -> None:
    async def broken() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(retrying(broken, name="x"))


def test_background_stop_cancels_and_awaits_its_tasks() -> None:
    async def scenario() -> bool:
        background, cleaned = Background("b"), False

        async def work() -> None:
            nonlocal cleaned
            try:
                await asyncio.Event().wait()
            finally:
                cleaned = True

        background.start(work())
        await asyncio.sleep(0)
        await background.stop()
        assert len(background) == 0
        return cleaned

    assert asyncio.run(scenario())


@pytest.mark.parametrize("uvloop", [True, False])
def test_sigterm_cancels_the_main_task_and_exits_cleanly(uvloop: bool) -> None:
    cleaned = []

    async def main() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(1)

    assert run_main(main, uvloop=uvloop) == 0
    assert cleaned == [1]


def test_an_error_of_main_gives_exit_code_one(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        raise RuntimeError("disk on fire")

    assert run_main(main) == 1
    assert "disk on fire" in capsys.readouterr().err


def test_the_exit_code_of_main_is_passed_on() -> None:
    async def main() -> int:
        return 3

    assert run_main(main) == 3
