"""In-place resize: what is wanted, what the node allows, what is done to containers and cgroups."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.kubelet.podrecords import container, make_pod, record

from kajitori.kubelet.interfaces import CRIError
from kajitori.kubelet.worker.allocation import remembered
from kajitori.kubelet.worker.context import NodeFacts
from kajitori.kubelet.worker.resize import allocated_container, allocated_pod, resize

ROOM = {"cpu": "2", "memory": "1Gi"}


def sized(cpu: str, memory: str = "100Mi", name: str = "a", **more: Any) -> dict[str, Any]:
    return {"name": name, "resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


class Runtime:
    def __init__(self, fails: bool = False) -> None:
        self.updates: list[tuple[str, int]] = []
        self.stopped: list[str] = []
        self.fails = fails

    async def update_container_resources(self, container_id: str, resources: Any) -> None:
        if self.fails:
            raise CRIError("Unknown", "no")
        self.updates.append((container_id, resources.cpu_shares))

    async def stop_container(self, container_id: str, _grace: int) -> None:
        self.stopped.append(container_id)


class State(SimpleNamespace):
    """As much of `PodState` as a resize needs."""


def state(before: Any, after: Any, *, beside: Any = (), runtime: Any = None) -> State:
    runtime = runtime or Runtime()
    steps: list[str] = []
    context = SimpleNamespace(
        facts=NodeFacts(node_name="n", root_dir="/r", allocatable=ROOM, memory_capacity=1 << 30),
        cgroups=SimpleNamespace(
            is_v2=False, widen_pod=lambda *_: steps.append("widen"), prepare_pod=lambda _: steps.append("set")
        ),
        runtime=SimpleNamespace(cri=runtime),
        pods_beside=lambda _uid: list(beside),
        recorder=SimpleNamespace(event=lambda *args, **_: steps.append(args[3])),
        clock=SimpleNamespace(monotonic=lambda: 0.0),
    )
    return State(
        ctx=context, pod=make_pod([after]), uid="u1", record=record(container("a")), steps=steps, runtime=runtime,
        allocated=remembered(make_pod([before])), resize_pending=None, resize_error="", wake=lambda: None,
    )  # fmt: skip


def run(made: State) -> float | None:
    return asyncio.run(resize(made))  # type: ignore[arg-type]


def test_nothing_is_done_when_nothing_changed() -> None:
    made = state(sized("1000m"), sized("1"))
    assert run(made) is None
    assert (made.runtime.updates, made.steps) == ([], [])


def test_a_running_container_gets_its_new_share_between_two_settings_of_the_pod() -> None:
    made = state(sized("1"), sized("500m"))
    assert run(made) is None
    assert made.runtime.updates == [("a-0", 512)]
    assert made.steps == ["widen", "set"]
    assert made.allocated["a"].requests["cpu"] == "500m"
    assert made.resize_pending is None


@pytest.mark.parametrize(
    ("after", "beside", "pending"),
    [
        (sized("3"), [], ("Infeasible", "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000")),
        (sized("1", "2Gi"), [],
         ("Infeasible", "Node didn't have enough capacity: memory, requested: 2147483648, capacity: 1073741824")),
        (sized("1500m"), [make_pod([sized("1")])],
         ("Deferred", "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000")),
    ],
    ids=["never", "never, memory", "not now"],
)  # fmt: skip
def test_what_the_node_does_not_have_is_told_and_not_done(after: Any, beside: Any, pending: Any) -> None:
    made = state(sized("1"), after, beside=beside)
    wait = run(made)
    assert made.resize_pending == pending
    assert (wait is not None) is (pending[0] == "Deferred")
    assert made.runtime.updates == []
    assert allocated_pod(made).spec.containers[0].resources.requests["cpu"] == "1"
    assert allocated_container(made, made.pod.spec.containers[0]).resources.requests["memory"] == "100Mi"


def test_a_container_that_asks_for_it_is_restarted() -> None:
    policy = {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]}
    made = state(sized("1", **policy), sized("500m", **policy))
    run(made)
    assert made.runtime.stopped == ["a-0"]
    assert "Container a resize requires restart" in made.steps
    other = state(sized("1", **policy), sized("1", "50Mi", **policy))
    run(other)
    assert other.runtime.stopped == []


def test_a_runtime_that_would_not_is_told_and_tried_again() -> None:
    made = state(sized("1"), sized("500m"), runtime=Runtime(fails=True))
    with pytest.raises(CRIError):
        run(made)
    assert made.resize_error == "rpc error: code = Unknown desc = no"
    assert made.allocated["a"].requests["cpu"] == "1"


def test_a_new_kubelet_remembers_from_the_status_what_was_allocated() -> None:
    started = {"name": "a", "containerID": "containerd://1", "resources": {"requests": {"cpu": "1"}}}
    pod = make_pod([sized("2")], status={"containerStatuses": [started]})
    assert remembered(pod)["a"].requests == {"cpu": "1"}
    assert remembered(make_pod([sized("2")]))["a"].requests["cpu"] == "2"
