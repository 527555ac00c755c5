"""Seats, queues and turns: who executes, who waits, who is turned away, and who comes next."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.apiserver.flowcontrol.flowfixtures import Bench, level, schema

from kajitori.api.flowcontrol import standard
from kajitori.apiserver.flowcontrol.queueset import Drops
from kajitori.apiserver.flowcontrol.turn import EXECUTING, OVER, REJECTED, WAITING, Rejected

ALL = (schema("all", "l"),)


def queued(seats: int = 4, queues: int = 8, hand: int = 1, length: int = 50) -> Bench:
    """A level with exactly so many seats, the only one with any."""
    bench = Bench(seats, (level("l", 1, queuing=(queues, hand, length)),), ALL)
    fixed = bench.control.levels["l"]
    fixed.wide_limit = seats
    fixed.admit_up_to(seats)
    return bench


def test_a_level_that_rejects_has_no_queue() -> None:
    bench = Bench(100, (level("l", 1),), ALL)
    bench.control.levels["l"].admit_up_to(2)
    assert bench.states(4) == "eerr"
    tally = bench.control.levels["l"].tallies["all"]
    assert (tally.rejected, tally.dispatched, tally.executing) == ({"concurrency-limit": 2}, 2, 2)


def test_a_full_queue_turns_away() -> None:
    bench = queued(seats=2, queues=1, length=3)
    assert bench.states(7) == "eewwwrr"
    assert bench.control.levels["l"].tallies["all"].rejected == {"queue-full": 2}


def test_a_seat_that_is_free_goes_to_who_waits() -> None:
    bench = queued(seats=1, queues=1)
    first, second, third = (bench.arrive() for _ in range(3))
    first.finish()
    assert (first.state, second.state, third.state) == (OVER, EXECUTING, WAITING)
    first.finish()  # again is harmless
    assert third.state == WAITING


def test_a_newcomer_comes_before_the_backlog_of_another() -> None:
    bench = queued(seats=1, queues=64)
    running = bench.arrive("noisy")
    backlog = [bench.arrive("noisy") for _ in range(20)]
    quiet = bench.arrive("quiet")
    order = []
    for _ in range(21):
        bench.clock.now += 0.01
        running.finish()
        running = next(turn for turn in (*backlog, quiet) if turn.state == EXECUTING)
        order.append(running is quiet)
    assert order.index(True) <= 1


def test_two_flows_share_a_level_by_halves_whatever_they_send() -> None:
    bench = queued(seats=2, queues=64, length=300)
    turns = [bench.arrive("noisy") for _ in range(200)] + [bench.arrive("quiet") for _ in range(50)]
    done = {"noisy": 0, "quiet": 0}
    for _ in range(60):
        bench.clock.now += 0.003
        for turn in [turn for turn in turns if turn.state == EXECUTING]:
            turn.finish()
            done[turn.user.name] += 1
    assert abs(done["quiet"] - 50) <= 10, done


def test_a_wide_request_waits_for_its_seats_and_others_wait_behind_it() -> None:
    bench = queued(seats=4, queues=1)
    narrow = [bench.arrive() for _ in range(3)]
    wide, behind = bench.arrive(work=(4, 0, 0.0)), bench.arrive()
    for turn in narrow:
        assert wide.state == WAITING
        turn.finish()
    assert (wide.state, behind.state) == (EXECUTING, WAITING)
    assert bench.control.levels["l"].tallies["all"].not_accommodated >= 1


def test_something_wider_than_all_seats_goes_alone() -> None:
    bench = queued(seats=2, queues=1)
    assert bench.arrive(work=(9, 0, 0.0)).state == EXECUTING
    assert bench.arrive().state == WAITING


def test_borrowed_seats_are_not_for_wide_requests() -> None:
    bench = queued(seats=32, queues=64)
    bench.control.levels["l"].wide_limit = 8
    assert bench.states(3, user="lists", work=(4, 0, 0.0)) == "eew"
    assert bench.state(user="other") == "e", "nobody waits for a wide request that is held back"


def test_who_has_nothing_under_way_need_not_wait_for_others() -> None:
    bench = queued(seats=16, queues=64)
    assert bench.states(20, user="noisy") == "e" * 16 + "wwww"
    assert [bench.state(user=f"user{number}") for number in (1, 2, 3)] == ["e", "e", "w"], "an eighth of the seats"


def test_a_level_with_queues_and_no_seats_holds_all_back() -> None:
    bench = queued(seats=1, queues=1)
    bench.control.levels["l"].admit_up_to(0)
    assert bench.states(2) == "ww"


def test_the_exempt_never_wait() -> None:
    bench = queued(seats=1)
    masters = [bench.control.arrive(*_masters()) for _ in range(50)]
    assert all(turn.state == EXECUTING for turn in masters)


def _masters() -> tuple[Any, Any, Any]:
    from tests.unit.apiserver.flowcontrol.flowfixtures import ask, request

    from kajitori.apiserver.user import UserInfo

    return request(), ask(), UserInfo("admin", groups=("system:masters",))


def test_a_write_that_many_hear_of_keeps_its_seats_a_little_longer() -> None:
    async def scenario() -> None:
        bench = queued(seats=5, queues=1)
        write = bench.arrive(work=(1, 5, 0.02))
        waiting = bench.arrive()
        write.finish()
        assert waiting.state == WAITING
        await asyncio.sleep(0.05)
        assert waiting.state == EXECUTING

    asyncio.run(scenario())


def peer() -> Any:
    """A request whose peer stays."""
    return SimpleNamespace(abandonable=nullcontext)


def test_waiting_too_long_is_a_rejection() -> None:
    async def scenario() -> None:
        bench = queued(seats=1, queues=1)
        running, waiting = bench.arrive(), bench.arrive()
        with pytest.raises(Rejected):
            await waiting.admitted(peer(), 0.01)
        assert waiting.state == REJECTED
        running.finish()
        found = bench.control.levels["l"]
        assert (found.waiting, found.seats_in_use, found.timed_out, found.idle) == (0, 0, 1, True)
        assert found.tallies["all"].rejected == {"time-out": 1}

    asyncio.run(scenario())


def test_a_peer_that_goes_away_leaves_the_queue() -> None:
    async def scenario() -> None:
        bench = queued(seats=1, queues=1)
        bench.arrive()
        waiting = bench.arrive()
        task = asyncio.create_task(waiting.admitted(peer(), 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bench.control.levels["l"].waiting == 0

    asyncio.run(scenario())


def test_a_turn_that_comes_while_its_peer_goes_is_given_back() -> None:
    async def scenario() -> None:
        bench = queued(seats=1, queues=1)
        running, waiting = bench.arrive(), bench.arrive()
        task = asyncio.create_task(waiting.admitted(peer(), 60))
        await asyncio.sleep(0)
        running.finish()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bench.control.levels["l"].idle

    asyncio.run(scenario())


def test_nothing_is_left_when_all_is_over() -> None:
    bench = queued(seats=3, queues=16, hand=3)
    turns = [bench.arrive(f"user{number % 7}", (1 + number % 3, 0, 0.0)) for number in range(60)]
    for _ in range(80):
        bench.clock.now += 0.001
        for turn in turns:
            turn.finish() if turn.state == EXECUTING else None
    found = bench.control.levels["l"]
    assert found.idle and (found.seats_in_use, found.wide_in_use, found.seats_waiting) == (0, 0, 0)
    assert all(not queue.waiting and not queue.executing and not queue.seats for queue in found.queues)
    assert all(tally.executing_seats == tally.queued_seats == 0 for tally in found.tallies.values())


def test_a_level_that_is_gone_works_off_what_it_has() -> None:
    bench = queued(seats=1, queues=1)
    heard: list[int] = []
    bench.control.on_idle = lambda: heard.append(1)
    running, waiting = bench.arrive(), bench.arrive()
    bench.control.digest(standard.MANDATORY_LEVELS, standard.MANDATORY_SCHEMAS)
    assert bench.control.levels["l"].quiescing
    running.finish()
    waiting.finish()
    assert heard
    bench.control.digest(standard.MANDATORY_LEVELS, standard.MANDATORY_SCHEMAS)
    assert "l" not in bench.control.levels


def test_when_to_come_back_doubles_while_many_are_turned_away_and_falls_again() -> None:
    drops = Drops()
    told = [drops.note(second) for second in range(100, 130) for _ in range(10)]
    assert told[0] == 1 and max(told) == 8
    later = [drops.note(second) for second in range(200, 330, 10)]
    assert later[-1] == 1
