import asyncio

from kajitori.aiokit.clock import FakeClock, RealClock, settle


def test_sleepers_wake_in_order_of_time() -> None:
    async def scenario() -> list[str]:
        clock, seen = FakeClock(), []

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            seen.append(name)

        async with asyncio.TaskGroup() as group:
            for name, seconds in (("late", 3), ("early", 1), ("middle", 2)):
                group.create_task(sleeper(name, seconds))
            await settle()
            clock.advance(10)
        return seen

    assert asyncio.run(scenario()) == ["early", "middle", "late"]


def test_advance_short_of_the_deadline_wakes_nobody() -> None:
    async def scenario() -> tuple[bool, bool]:
        clock = FakeClock()
        task = asyncio.ensure_future(clock.sleep(5))
        await clock.run_for(4.9)
        before = task.done()
        await clock.run_for(0.2)
        return before, task.done()

    assert asyncio.run(scenario()) == (False, True)


def test_run_for_lets_a_loop_make_all_its_rounds() -> None:
    async def scenario() -> int:
        clock, rounds = FakeClock(), 0

        async def beat() -> None:
            nonlocal rounds
            while True:
                await clock.sleep(1)
                rounds += 1

        task = asyncio.ensure_future(beat())
        await clock.run_for(10)
        task.cancel()
        return rounds

    assert asyncio.run(scenario()) == 10


def test_cancelled_timer_does_not_fire() -> None:
    clock, fired = FakeClock(), []
    clock.call_later(1, lambda: fired.append(1)).cancel()
    clock.advance(2)
    assert fired == []
    assert clock.sleepers == 0


def test_fake_wall_time_and_monotonic_time_move_together() -> None:
    clock = FakeClock()
    wall, mono = clock.now(), clock.monotonic()
    clock.advance(90)
    assert (clock.now() - wall).total_seconds() == clock.monotonic() - mono == 90


def test_real_clock_is_in_utc() -> None:
    offset = RealClock().now().utcoffset()
    assert offset is not None and offset.total_seconds() == 0
