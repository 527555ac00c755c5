import asyncio

import pytest

from kajitori.aiokit.clock import FakeClock, settle
from kajitori.aiokit.workqueue import ShutDown, WorkQueue


def test_a_key_added_twice_is_handed_out_once_and_in_order() -> None:
    async def scenario() -> list[str]:
        queue: WorkQueue[str] = WorkQueue()
        for key in "abab":
            queue.add(key)
        queue.shut_down()
        seen = []
        with pytest.raises(ShutDown):
            while True:
                seen.append(await queue.get())
        return seen

    assert asyncio.run(scenario()) == ["a", "b"]


def test_a_key_added_while_processed_waits_for_done() -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        queue.add("a")
        assert await queue.get() == "a"
        queue.add("a")
        queue.add("a")
        assert len(queue) == 0
        queue.done("a")
        assert len(queue) == 1
        assert await queue.get() == "a"
        queue.done("a")
        assert len(queue) == 0

    asyncio.run(scenario())


def test_of_several_delays_the_earliest_counts() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        queue: WorkQueue[str] = WorkQueue(clock=clock)
        queue.add_after("a", 10)
        queue.add_after("a", 2)
        queue.add_after("a", 5)
        clock.advance(1.9)
        assert len(queue) == 0
        clock.advance(0.1)
        assert len(queue) == 1
        assert await queue.get() == "a"
        queue.done("a")
        clock.advance(100)
        assert len(queue) == 0

    asyncio.run(scenario())


def test_failures_double_the_pause_until_forgotten() -> None:
    clock = FakeClock()
    queue: WorkQueue[str] = WorkQueue(clock=clock)
    queue.add_rate_limited("a")
    clock.advance(0.005)
    assert len(queue) == 1
    queue2: WorkQueue[str] = WorkQueue(clock=clock)
    for _ in range(3):
        queue2.add_rate_limited("a")
        clock.advance(0)
    assert queue2.retries("a") == 3
    queue2.forget("a")
    assert queue2.retries("a") == 0


def test_a_cancelled_getter_passes_its_turn_on() -> None:
    async def scenario() -> str:
        queue: WorkQueue[str] = WorkQueue()
        first = asyncio.ensure_future(queue.get())
        second = asyncio.ensure_future(queue.get())
        await settle()
        queue.add("a")
        first.cancel()
        await asyncio.wait([first])
        return await asyncio.wait_for(second, 1)

    assert asyncio.run(scenario()) == "a"


def test_shut_down_wakes_every_waiting_worker_and_refuses_new_keys() -> None:
    async def scenario() -> None:
        queue: WorkQueue[str] = WorkQueue()
        workers = [asyncio.ensure_future(queue.get()) for _ in range(3)]
        await settle()
        queue.shut_down()
        ends = await asyncio.gather(*workers, return_exceptions=True)
        assert all(isinstance(end, ShutDown) for end in ends)
        queue.add("late")
        queue.add_after("late", 1)
        assert len(queue) == 0

    asyncio.run(scenario())
