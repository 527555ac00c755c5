"""How a Pod prints: the STATUS cell tells the story of its containers, the last word wins. Pure.

May import: api.cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from kajitori.api.cells import NONE, age, name, since, table

Status = Mapping[str, Any]


class _Container(TypedDict, total=False):
    name: str
    restartPolicy: str


class _Gate(TypedDict, total=False):
    conditionType: str


class _Spec(TypedDict, total=False):
    containers: list[_Container] | None
    initContainers: list[_Container] | None
    readinessGates: list[_Gate] | None
    nodeName: str


class Reads(TypedDict, total=False):
    """All that a row looks at beside the metadata: most of a Pod need not be decoded to print it."""

    spec: _Spec
    status: dict[str, Any] | None


@dataclass
class Summary:
    """What the cells are made from; filled container by container."""

    reason: str
    total: int
    ready: int = 0
    restarts: int = 0
    last_restart: str = ""

    def count_restarts(self, status: Status) -> None:
        """Adds one container's restarts, and remembers the latest time one ended."""
        self.restarts += status.get("restartCount") or 0
        if terminated := (status.get("lastState") or {}).get("terminated"):
            finished = terminated.get("finishedAt") or ""
            self.last_restart = max(self.last_restart, finished)  # RFC 3339 in UTC sorts as text


def summarize(pod: Mapping[str, Any]) -> Summary:
    """STATUS, READY and RESTARTS of a pod, as upstream's printer derives them."""
    status = pod.get("status") or {}
    summary = Summary(status.get("reason") or status.get("phase") or "", len(_spec(pod, "containers")))
    if _condition(status, "PodScheduled").get("reason") == "SchedulingGated":
        summary.reason = "SchedulingGated"
    if not _spec(pod, "initContainers") or not _initializing(pod, status, summary):
        _read_containers(status, summary)
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            summary.reason = "Unknown"
        elif status.get("phase") not in ("Succeeded", "Failed"):
            summary.reason = "Terminating"
    return summary


def _initializing(pod: Mapping[str, Any], status: Status, summary: Summary) -> bool:
    """Counts the init containers; true while they have the word, and the containers have none yet."""
    sidecars = {c["name"] for c in _spec(pod, "initContainers") if c.get("restartPolicy") == "Always"}
    summary.total += len(sidecars)
    of_sidecars = Summary(reason="", total=0)
    if _read_init_containers(pod, summary, of_sidecars, sidecars) and not _condition_true(status, "Initialized"):
        return True
    summary.restarts, summary.last_restart = of_sidecars.restarts, of_sidecars.last_restart
    return False


def _read_init_containers(pod: Mapping[str, Any], summary: Summary, of_sidecars: Summary, sidecars: set[str]) -> bool:
    """Adds the init containers up to the first unfinished one; true if there is such a one."""
    init_total = len(_spec(pod, "initContainers"))
    statuses: Iterable[Status] = (pod.get("status") or {}).get("initContainerStatuses") or ()
    for position, status in enumerate(statuses):
        summary.count_restarts(status)
        is_sidecar = status.get("name") in sidecars
        if is_sidecar:
            of_sidecars.count_restarts(status)
        state = status.get("state") or {}
        terminated, waiting = state.get("terminated"), state.get("waiting")
        if terminated is not None and not terminated.get("exitCode"):
            continue
        if is_sidecar and status.get("started"):
            summary.ready += bool(status.get("ready"))
            continue
        if terminated is not None:
            summary.reason = f"Init:{_ended(terminated)}"
        elif waiting and waiting.get("reason") not in (None, "", "PodInitializing"):
            summary.reason = f"Init:{waiting['reason']}"
        else:
            summary.reason = f"Init:{position}/{init_total}"
        return True
    return False


def _read_containers(status: Status, summary: Summary) -> None:
    running = False
    for container in reversed(status.get("containerStatuses") or ()):
        summary.count_restarts(container)
        state = container.get("state") or {}
        waiting, terminated = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            summary.reason = waiting["reason"]
        elif terminated is not None:
            summary.reason = _ended(terminated)
        elif container.get("ready") and state.get("running") is not None:
            running = True
            summary.ready += 1
    if summary.reason == "Completed" and running:
        summary.reason = "Running" if _condition_true(status, "Ready") else "NotReady"


def _ended(terminated: Status) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _spec(pod: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    return (pod.get("spec") or {}).get(field) or []


def _condition(status: Status, kind: str) -> Mapping[str, Any]:
    for condition in status.get("conditions") or ():
        if condition.get("type") == kind:
            return condition  # type: ignore[no-any-return]  # wire data
    return {}


def _condition_true(status: Status, kind: str) -> bool:
    return _condition(status, kind).get("status") == "True"


def _readiness_gates(pod: Mapping[str, Any]) -> str:
    gates = _spec(pod, "readinessGates")
    if not gates:
        return NONE
    passed = sum(_condition_true(pod.get("status") or {}, gate["conditionType"]) for gate in gates)
    return f"{passed}/{len(gates)}"


def _pod(pod: dict[str, Any], now: datetime) -> list[Any]:
    summary = summarize(pod)
    restarts = str(summary.restarts)
    if summary.restarts and summary.last_restart:
        restarts += f" ({since(summary.last_restart, now)} ago)"
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    ips = status.get("podIPs")
    return [
        name(pod),
        f"{summary.ready}/{summary.total}",
        summary.reason,
        restarts,
        age(pod, now),
        (ips[0].get("ip") if ips else status.get("podIP")) or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _readiness_gates(pod),
    ]


_ENDED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def _conditions(pod: Mapping[str, Any]) -> list[dict[str, str]]:
    phase = (pod.get("status") or {}).get("phase", "")
    if phase not in _ENDED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDED[phase]}]


COLUMNS = "Name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*"
PODS = table(COLUMNS, _pod, Reads, _conditions)
