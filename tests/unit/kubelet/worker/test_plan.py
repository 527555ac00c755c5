from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import container, make_pod, record, sandbox

from kajitori.kubelet.runtime.container import container_hash
from kajitori.kubelet.worker.plan import Actions, plan


class Healthy:
    def __init__(self, started: bool = True, failures: dict[str, str] | None = None) -> None:
        self.started, self.failures = started, failures or {}

    def is_started(self, container: str) -> bool:
        return self.started

    def failure(self, container_id: str) -> str:
        return self.failures.get(container_id, "")


def starts(actions: Actions) -> list[str | None]:
    return [c.name for c in (*actions.start_init, *actions.start)]


def test_nothing_there_makes_a_sandbox_and_starts_all() -> None:
    actions = plan(make_pod(["a", "b"]), record(sandboxes=[]), Healthy())
    assert actions.create_sandbox
    assert not actions.kill_pod
    assert starts(actions) == ["a", "b"]


def test_init_containers_come_first_and_alone() -> None:
    actions = plan(make_pod(["a"], init=["i", "j"]), record(sandboxes=[]), Healthy())
    assert starts(actions) == ["i"]


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param([container("i")], [], id="waits while it runs"),
        pytest.param([container("i", "exited")], ["j"], id="next after success"),
        pytest.param([container("i", "exited", exit_code=1)], ["i"], id="again after failure"),
        pytest.param([container("j", "exited"), container("i", "exited")], ["a"], id="then the regular ones"),
        pytest.param([container("a"), container("j", "exited"), container("i", "exited")], [], id="all done"),
        pytest.param([container("i", "exited", sandbox_id="old")], ["i"], id="a new sandbox starts over"),
    ],
)
def test_init_containers_run_in_order(present: Any, expected: list[str]) -> None:
    assert starts(plan(make_pod(["a"], init=["i", "j"]), record(*present), Healthy())) == expected


def test_failed_init_container_ends_a_pod_that_is_never_restarted() -> None:
    pod = make_pod(["a"], init=["i"], restartPolicy="Never")
    actions = plan(pod, record(container("i", "exited", exit_code=1)), Healthy())
    assert actions.is_finished
    assert starts(actions) == []


def test_sidecar_holds_up_the_next_until_it_has_started() -> None:
    pod = make_pod(["a"], init=[{"name": "side", "restartPolicy": "Always"}])
    assert starts(plan(pod, record(container("side")), Healthy(started=False))) == []
    assert starts(plan(pod, record(container("side")), Healthy())) == ["a"]


def test_sidecar_that_ended_is_restarted_beside_running_containers() -> None:
    pod = make_pod(["a"], init=[{"name": "side", "restartPolicy": "Always"}])
    actions = plan(pod, record(container("a"), container("side", "exited")), Healthy())
    assert starts(actions) == ["side"]


@pytest.mark.parametrize(
    ("policy", "exit_code", "restarted"),
    [
        ("Always", 0, True),
        ("Always", 1, True),
        ("OnFailure", 0, False),
        ("OnFailure", 1, True),
        ("Never", 0, False),
        ("Never", 1, False),
    ],
)
def test_restart_policy_decides_about_ended_containers(policy: str, exit_code: int, restarted: bool) -> None:
    actions = plan(make_pod(restartPolicy=policy), record(container("a", "exited", exit_code=exit_code)), Healthy())
    assert starts(actions) == (["a"] if restarted else [])
    assert actions.is_finished is not restarted


def test_running_pod_needs_nothing() -> None:
    assert plan(make_pod(), record(container("a")), Healthy()).is_idle


@pytest.mark.parametrize("kind", ["liveness", "startup"])
def test_failed_probe_kills_and_restarts(kind: str) -> None:
    actions = plan(make_pod(), record(container("a")), Healthy(failures={"a-0": kind}))
    assert actions.kill[0].message == f"Container a failed {kind} probe, will be restarted"
    assert starts(actions) == ["a"]


def test_failed_probe_ends_a_pod_that_is_never_restarted() -> None:
    actions = plan(make_pod(restartPolicy="Never"), record(container("a")), Healthy(failures={"a-0": "liveness"}))
    assert actions.kill_pod
    assert actions.is_finished


def test_changed_image_replaces_the_container() -> None:
    pod = make_pod()
    same, other = container_hash(pod.spec.containers[0]), "0"
    assert plan(pod, record(container("a", hash=same)), Healthy()).is_idle
    actions = plan(pod, record(container("a", hash=other)), Healthy())
    assert actions.kill[0].message == "Container a definition changed, will be restarted"


@pytest.mark.parametrize(
    "sandboxes",
    [
        pytest.param([sandbox(ready=False)], id="sandbox died"),
        pytest.param([sandbox(ips=())], id="sandbox without an address"),
    ],
)
def test_broken_sandbox_is_replaced_and_all_start_anew(sandboxes: Any) -> None:
    actions = plan(make_pod(), record(container("a", "exited"), sandboxes=sandboxes), Healthy())
    assert actions.create_sandbox
    assert actions.attempt == 1
    assert starts(actions) == ["a"]


def test_finished_pod_gets_no_new_sandbox() -> None:
    pod = make_pod(restartPolicy="OnFailure")
    actions = plan(pod, record(container("a", "exited"), sandboxes=[sandbox(ready=False)]), Healthy())
    assert actions.is_finished
    assert not actions.create_sandbox


def test_deleted_pod_starts_nothing() -> None:
    pod = make_pod(meta={"deletionTimestamp": "2026-01-02T03:04:05Z"})
    assert starts(plan(pod, record(container("a", "exited")), Healthy())) == []


def test_ephemeral_container_does_not_wait_for_init_containers() -> None:
    pod = make_pod(init=["i"], ephemeralContainers=[{"name": "debug", "image": "img:1"}])
    actions = plan(pod, record(container("i")), Healthy())
    assert starts(actions) == ["debug"]


def test_ephemeral_container_is_started_once() -> None:
    pod = make_pod(ephemeralContainers=[{"name": "debug", "image": "x:1"}])
    assert starts(plan(pod, record(container("a")), Healthy())) == ["debug"]
    assert plan(pod, record(container("debug", "exited"), container("a")), Healthy()).is_idle
