from __future__ import annotations

from typing import Any

import pytest
from tests.unit.kubelet.podrecords import container, make_pod, record

from kajitori.api import schema
from kajitori.kubelet.runtime.records import PodRecord
from kajitori.kubelet.status.containers import StatusInputs, Waiting
from kajitori.kubelet.status.manager import status_patch
from kajitori.kubelet.status.pod import PodInputs, pod_status

NOW = "2026-01-02T03:04:05Z"


def status_of(pod: Any, present: PodRecord, *, waits: Any = None, ready: bool = True, **more: Any) -> dict[str, Any]:
    inputs = StatusInputs(
        runtime_name="containerd",
        waits=waits or {},
        message_of=lambda r: "last words" if r.exit_code else "",
        is_ready=lambda _: ready,
        is_started=lambda _: more.get("started", True),
        old={s.name or "": s for s in (*pod.status.container_statuses, *pod.status.init_container_statuses)},
    )
    facts = {
        k: v for k, v in more.items() if k in ("failed", "has_ended", "resize_pending", "resize_error", "is_rejected")
    }
    made = pod_status(
        pod, present, PodInputs(containers=inputs, host_ips=["192.0.2.1"], now=NOW, start_time=NOW, **facts)
    )
    return schema.to_wire(made)


def condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(c for c in status["conditions"] if c["type"] == kind)


def test_new_pod_is_pending_and_its_container_being_created() -> None:
    status = status_of(make_pod(), record(sandboxes=[]))
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert condition(status, "PodReadyToStartContainers")["status"] == "False"
    assert condition(status, "Ready")["message"] == "containers with unready status: [a]"
    assert condition(status, "Ready")["reason"] == "ContainersNotReady"
    assert "podIP" not in status
    assert [c["type"] for c in status["conditions"]] == [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ]


def test_running_pod_is_ready() -> None:
    status = status_of(make_pod(), record(container("a")))
    assert status["phase"] == "Running"
    assert condition(status, "Ready") == {
        "type": "Ready",
        "status": "True",
        "observedGeneration": 1,
        "lastTransitionTime": NOW,
    }
    assert status["podIPs"] == [{"ip": "10.0.0.2"}]
    assert status["hostIPs"] == [{"ip": "192.0.2.1"}]
    assert status["qosClass"] == "BestEffort"
    shown = status["containerStatuses"][0]
    assert shown["containerID"] == "containerd://a-0"
    assert (shown["ready"], shown["started"], shown["restartCount"]) == (True, True, 0)


def test_container_that_has_not_passed_its_startup_probe_is_not_ready() -> None:
    shown = status_of(make_pod(), record(container("a")), started=False)["containerStatuses"][0]
    assert (shown["ready"], shown["started"]) == (False, False)


def test_waiting_for_init_containers() -> None:
    status = status_of(make_pod(init=["i"]), record(container("i")))
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert condition(status, "Initialized")["message"] == "containers with incomplete status: [i]"
    assert condition(status, "Initialized")["reason"] == "ContainersNotInitialized"


def test_crash_loop_shows_why_it_waits_and_how_it_ended() -> None:
    present = record(container("a", "exited", id="a-1", exit_code=1, restart_count=1), container("a", "exited"))
    status = status_of(make_pod(), present, waits={"a": Waiting("CrashLoopBackOff", "back-off 10s …")})
    shown = status["containerStatuses"][0]
    assert shown["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s …"}}
    assert shown["lastState"]["terminated"]["exitCode"] == 1
    assert shown["lastState"]["terminated"]["message"] == "last words"
    assert shown["restartCount"] == 1
    assert status["phase"] == "Running"


def test_image_that_cannot_be_pulled() -> None:
    status = status_of(make_pod(), record(), waits={"a": Waiting("ImagePullBackOff", "Back-off pulling")})
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"


def test_restarted_container_keeps_the_end_before() -> None:
    present = record(container("a", id="a-1", restart_count=1), container("a", "exited", exit_code=137))
    shown = status_of(make_pod(), present)["containerStatuses"][0]
    assert "running" in shown["state"]
    assert shown["lastState"]["terminated"]["reason"] == "Error"


@pytest.mark.parametrize(
    ("policy", "codes", "phase", "reason"),
    [
        ("Never", [0, 0], "Succeeded", "PodCompleted"),
        ("Never", [0, 1], "Failed", "PodFailed"),
        ("OnFailure", [0, 0], "Succeeded", "PodCompleted"),
        ("OnFailure", [0, 1], "Running", "ContainersNotReady"),
        ("Always", [0, 0], "Running", "ContainersNotReady"),
    ],
)
def test_phase_when_all_containers_have_ended(policy: str, codes: list[int], phase: str, reason: str) -> None:
    present = record(*(container(n, "exited", exit_code=c) for n, c in zip("ab", codes, strict=True)))
    status = status_of(make_pod(["a", "b"], restartPolicy=policy), present, ready=False)
    assert status["phase"] == phase
    assert condition(status, "Ready")["reason"] == reason


def test_killed_pod_has_a_final_phase_whatever_its_policy() -> None:
    status = status_of(make_pod(), record(container("a", "exited", exit_code=137)), has_ended=True, ready=False)
    assert status["phase"] == "Failed"


def test_evicted_pod_says_so() -> None:
    status = status_of(make_pod(), record(), failed=("Evicted", "The node was low on resource: memory."))
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")


def test_transition_time_changes_with_the_status_only() -> None:
    pod = make_pod(status={"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "old"}]})
    assert condition(status_of(pod, record(container("a"))), "Ready")["lastTransitionTime"] == "old"
    assert condition(status_of(pod, record()), "Ready")["lastTransitionTime"] == NOW


def test_readiness_gate_must_be_true() -> None:
    pod = make_pod(readinessGates=[{"conditionType": "x"}])
    ready = condition(status_of(pod, record(container("a"))), "Ready")
    assert ready["reason"] == "ReadinessGatesNotReady"
    assert ready["message"] == 'corresponding condition of pod readiness gate "x" does not exist.'


def test_started_sidecar_is_part_of_readiness() -> None:
    pod = make_pod(init=[{"name": "side", "restartPolicy": "Always"}])
    status = status_of(pod, record(container("a"), container("side")))
    assert status["initContainerStatuses"][0]["ready"]
    assert status_of(pod, record(container("a"), container("side", "exited")))["conditions"][2]["status"] == "False"


def test_patch_holds_what_changed_and_only_our_conditions() -> None:
    old = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False", "reason": "x"}, {"type": "Mine"}]}
    new = {"phase": "Pending", "podIP": "1", "conditions": [{"type": "Ready", "status": "True"}, {"type": "Mine"}]}
    assert status_patch(old, new) == {
        "podIP": "1",
        "conditions": [{"type": "Ready", "status": "True", "reason": None}],
        "$setElementOrder/conditions": [{"type": "Ready"}, {"type": "Mine"}],
    }
    assert status_patch(new, new) == {}


def test_patch_replaces_addresses() -> None:
    patch = status_patch({"podIPs": [{"ip": "1"}]}, {"podIPs": [{"ip": "2"}]})
    assert patch == {"podIPs": [{"$patch": "replace"}, {"ip": "2"}]}


def test_an_ephemeral_container_is_never_ready() -> None:
    pod = make_pod(ephemeralContainers=[{"name": "debug", "image": "img:1"}])
    status = status_of(pod, record(container("a"), container("debug")))
    shown = status["ephemeralContainerStatuses"][0]
    assert shown["ready"] is False
    assert "started" not in shown
    assert "running" in shown["state"]


def test_a_resize_shows_while_it_waits_or_fails_and_no_longer() -> None:
    pod, present = make_pod(), record(container("a"))
    waiting = status_of(pod, present, resize_pending=("Deferred", "no room"))
    assert condition(waiting, "PodResizePending")["reason"] == "Deferred"
    failing = status_of(pod, present, resize_error="no")
    assert condition(failing, "PodResizeInProgress")["message"] == "no"
    done = status_of(pod, present)
    patch = status_patch(waiting, done)
    assert {"$patch": "delete", "type": "PodResizePending"} in patch["conditions"]


def test_a_rejected_pod_has_no_containers_to_speak_of() -> None:
    scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": NOW}
    pod = make_pod(status={"phase": "Pending", "qosClass": "BestEffort", "conditions": [scheduled]})
    status = status_of(pod, record(sandboxes=[]), failed=("OutOfcpu", "Pod was rejected: no"), is_rejected=True)
    assert status == {
        "observedGeneration": 1, "phase": "Failed", "reason": "OutOfcpu", "message": "Pod was rejected: no",
        "startTime": NOW, "qosClass": "BestEffort", "conditions": [scheduled],
    }  # fmt: skip
