"""What waits where, what wakes it, and what an attempt does to the world."""

import asyncio
from typing import Any

import pytest

from kajitori.aiokit.clock import settle
from kajitori.machinery.errors import InternalError, NotFound
from kajitori.scheduler.metrics import REGISTRY


def run(world: Any, scenario: Any) -> None:
    """Runs the scheduler beside a scenario."""

    async def both() -> None:
        task = asyncio.ensure_future(world.cycle.run())
        try:
            await scenario()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(both())


def test_a_pod_is_bound_and_counts_at_once(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        world.handlers.pod_added(pod("a", cpu="1"))
        world.handlers.pod_added(pod("b", cpu="1"))
        await settle()
        assert world.bound == {"a": "n1"}
        assert world.events[0] == (
            "Warning FailedScheduling b: 0/1 nodes are available: 1 Insufficient cpu."
            " no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
        )
        assert world.events[1] == "Normal Scheduled a: Successfully assigned default/a to n1"
        condition = world.patches["b"][0]["status"]["conditions"][0]
        assert (condition["type"], condition["status"], condition["reason"]) == (
            "PodScheduled",
            "False",
            "Unschedulable",
        )

    run(world, scenario)


def test_priority_goes_first_then_age(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        for name, priority in (("old", 0), ("young", 0), ("vip", 10)):
            world.handlers.pod_added(pod(name, priority=priority))
            world.clock.advance(1)
        order = [world.queue.pop_now().info.name for _ in range(3)]
        assert order == ["vip", "old", "young"]

    asyncio.run(scenario())


def test_room_that_comes_free_wakes_the_right_pod_after_its_backoff(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        running = pod("a", cpu="1")
        world.run_on("n1", running)
        world.handlers.pod_added(pod("b", cpu="1"))
        world.handlers.pod_added(pod("c", nodeSelector={"x": "y"}))
        await settle()
        assert world.queue.pending()["unschedulable"] == 2
        world.handlers.pod_deleted(running)
        await settle()
        assert world.queue.pending() == {"active": 0, "backoff": 1, "gated": 0, "unschedulable": 1}
        await world.clock.run_for(1.0)
        assert world.bound == {"b": "n1"}

    run(world, scenario)


def test_heartbeats_wake_nobody_and_useless_changes_neither(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        first = node(cpu="1")
        world.add_nodes(first)
        world.handlers.pod_added(pod("a", cpu="8"))
        world.handlers.pod_added(pod("b", nodeSelector={"x": "y"}))
        await settle()
        world.handlers.node_updated(first, node(cpu="1"))
        world.handlers.node_updated(first, node(cpu="2"))  # more, but not enough for a
        assert world.queue.pending()["unschedulable"] == 2
        world.handlers.node_updated(first, node(cpu="2", labels={"x": "y"}))
        assert world.queue.pending()["unschedulable"] == 1
        await world.clock.run_for(1.0)
        assert world.bound == {"b": "n1"}

    run(world, scenario)


def test_an_event_during_the_attempt_is_not_lost(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        running = pod("a", cpu="1")
        world.run_on("n1", running)
        world.handlers.pod_added(pod("b", cpu="1"))
        queued = world.queue.pop_now()
        world.handlers.pod_deleted(running)  # while b is in flight
        queued.rejected_by = {"NodeResourcesFit"}
        world.queue.put_back(queued)
        assert world.queue.pending()["backoff"] == 1

    asyncio.run(scenario())


def test_backoff_doubles_up_to_ten_seconds(world: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.handlers.pod_added(pod())
        waits = []
        for _ in range(6):
            queued = world.queue.pop_now()
            world.queue.put_back(queued)
            waited = 0.0
            while world.queue.pending()["active"] == 0:
                world.clock.advance(0.5)
                waited += 0.5
            waits.append(waited)
        assert waits == [1, 2, 4, 8, 10, 10]

    asyncio.run(scenario())


def test_what_nothing_has_helped_is_tried_after_five_minutes(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        world.handlers.pod_added(pod("a", cpu="8"))
        await settle()
        await world.clock.run_for(299)
        assert world.queue.unschedulable["uid-a"].attempts == 1
        await world.clock.run_for(2)
        assert world.queue.unschedulable["uid-a"].attempts == 2

    run(world, scenario)


def test_gates_keep_a_pod_out_until_the_last_is_gone(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node())
        two = pod("a", schedulingGates=[{"name": "x"}, {"name": "y"}])
        one = pod("a", schedulingGates=[{"name": "y"}])
        world.handlers.pod_added(two)
        await settle()
        assert world.queue.pending()["gated"] == 1
        assert world.events == []
        world.handlers.pod_updated(two, one)
        await settle()
        assert world.queue.pending()["gated"] == 1
        world.handlers.pod_updated(one, pod("a"))
        await settle()
        assert world.bound == {"a": "n1"}

    run(world, scenario)


def test_a_failed_binding_gives_the_room_back_and_is_tried_again(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        world.bind_errors = [InternalError("etcd is away")]
        world.handlers.pod_added(pod("a", cpu="1"))
        await settle()
        assert world.bound == {}
        assert world.cache.nodes["n1"].requested.get("cpu", 0) == 0
        assert "Warning FailedScheduling a: etcd is away" in world.events
        await world.clock.run_for(1.0)
        assert world.bound == {"a": "n1"}

    run(world, scenario)


def test_a_pod_deleted_while_it_is_bound_leaves_nothing(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        world.bind_errors = [NotFound('pods "a" not found')]
        gone = pod("a", cpu="1")
        world.handlers.pod_added(gone)
        world.handlers.pod_deleted(gone)
        await settle()
        assert world.cache.nodes["n1"].pods == {}
        assert sum(world.queue.pending().values()) == 0

    run(world, scenario)


def test_a_bound_pod_whose_binding_and_end_fell_into_a_gap_frees_its_room(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="1"))
        seen = pod("a", cpu="1")
        world.handlers.pod_added(seen)
        await settle()
        assert world.bound == {"a": "n1"}
        world.handlers.pod_added(pod("b", cpu="1"))
        await settle()
        world.handlers.pod_deleted(seen)  # a relist knows the Pod only as it was before its binding
        await world.clock.run_for(1.0)
        assert world.bound == {"a": "n1", "b": "n1"}

    run(world, scenario)


def test_pods_of_other_schedulers_finished_or_terminating_pods_are_left_alone(world: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.handlers.pod_added(pod("a", schedulerName="mine"))
        world.handlers.pod_added(pod("b", status={"phase": "Succeeded"}))
        world.handlers.pod_added(pod("c", meta={"deletionTimestamp": "2026-01-01T00:00:00Z"}))
        assert world.queue.pop_now() is None

    asyncio.run(scenario())


def test_the_least_important_pod_makes_room(world: Any, node: Any, pod: Any) -> None:
    async def scenario() -> None:
        world.add_nodes(node("n1", cpu="2"), node("n2", cpu="2"))
        started = {"status": {"startTime": "2026-01-01T00:00:00Z"}}
        world.run_on("n1", pod("low", cpu="1", priority=1, **started), pod("mid", cpu="1", priority=5))
        world.run_on("n2", pod("other", cpu="2", priority=5))
        world.handlers.pod_added(pod("vip", cpu="1", priority=100))
        await settle()
        assert world.evicted == ["low"]
        assert world.patches["vip"][0]["status"]["nominatedNodeName"] == "n1"
        assert "Normal Preempted low: Preempted by pod uid-vip on node n1" in world.events
        # A lesser Pod may not take the promised room; the nominated one may.
        low = world.cache.nodes["n1"].pods["uid-low"].pod
        world.handlers.pod_added(pod("small", cpu="1", priority=0))
        world.handlers.pod_deleted(low)
        await world.clock.run_for(1.5)
        assert world.bound == {"vip": "n1"}

    run(world, scenario)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"preemptionPolicy": "Never"}, "preemption: not eligible due to preemptionPolicy=Never."),
        ({"cpu": "64"}, "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."),
    ],
)
def test_preemption_says_why_it_did_not_help(world: Any, node: Any, pod: Any, spec: Any, words: str) -> None:
    async def scenario() -> None:
        world.add_nodes(node(cpu="2"))
        world.run_on("n1", pod("low", cpu="2", priority=0))
        world.handlers.pod_added(pod("vip", **{"cpu": "1", "priority": 9, **spec}))
        await settle()
        assert world.events[0].endswith(words)
        assert world.evicted == []

    run(world, scenario)


def test_attempts_and_extension_points_are_counted(world: Any, node: Any, pod: Any) -> None:
    def numbers() -> dict[str, float]:
        lines = [line.rpartition(" ") for line in REGISTRY.text().splitlines() if not line.startswith("#")]
        return {series: float(number) for series, _, number in lines}

    async def scenario() -> None:
        world.add_nodes(node())
        world.handlers.pod_added(pod("a"))
        await settle()

    before = numbers()
    run(world, scenario)
    after = numbers()
    point = "scheduler_framework_extension_point_duration_seconds_count"
    for series in (
        'scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"}',
        "scheduler_pod_scheduling_attempts_count",
        f'{point}{{extension_point="PreFilter",profile="default-scheduler",status="Success"}}',
        f'{point}{{extension_point="Bind",profile="default-scheduler",status="Success"}}',
    ):
        assert after[series] == before.get(series, 0) + 1, series
