"""How far a rollout is, in one line, and whether it is done. Pure: object → (text, done)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.gotext import quote

Wire = dict[str, Any]
Outcome = tuple[str, bool]
REVISION = "deployment.kubernetes.io/revision"


def revision_of(obj: Wire) -> int | None:
    """The revision that the deployment controller noted; None where there is none."""
    text = ((obj.get("metadata") or {}).get("annotations") or {}).get(REVISION)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _parts(obj: Wire) -> tuple[Wire, Wire, Wire]:
    return obj.get("metadata") or {}, obj.get("spec") or {}, obj.get("status") or {}


def deployment(obj: Wire, revision: int) -> Outcome:
    """Raises `UsageError` past the progress deadline, and if `revision` (0: any) is not the running one."""
    meta, spec, status = _parts(obj)
    name = quote(meta.get("name", ""))
    if revision > 0:
        running = revision_of(obj) or 0
        if running != revision:
            raise UsageError(f"error: desired revision ({revision}) is different from the running revision ({running})")
    if meta.get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...\n", False
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            raise UsageError(f"error: deployment {name} exceeded its progress deadline")
    wanted, total = spec.get("replicas", 0), status.get("replicas", 0)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    waiting = f"Waiting for deployment {name} rollout to finish:"
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated...\n", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...\n", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...\n", False
    return f"deployment {name} successfully rolled out\n", True


def daemon_set(obj: Wire, revision: int) -> Outcome:
    """`revision` is not looked at, as upstream. Raises `UsageError` for OnDelete, whose end nobody can tell."""
    meta, _, status = _parts(obj)
    _only_rolling_updates(obj)
    if meta.get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for daemon set spec update to be observed...\n", False
    name, wanted = quote(meta.get("name", "")), status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    waiting = f"Waiting for daemon set {name} rollout to finish:"
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated...\n", False
    if available < wanted:
        return f"{waiting} {available} of {wanted} updated pods are available...\n", False
    return f"daemon set {name} successfully rolled out\n", True


def stateful_set(obj: Wire, revision: int) -> Outcome:
    """The same; a partition is done when the Pods from it on are updated."""
    meta, spec, status = _parts(obj)
    _only_rolling_updates(obj)
    seen = status.get("observedGeneration", 0)
    if seen == 0 or meta.get("generation", 0) > seen:
        return "Waiting for statefulset spec update to be observed...\n", False
    wanted, updated = spec.get("replicas", 0), status.get("updatedReplicas", 0)
    missing = wanted - status.get("readyReplicas", 0)
    if missing > 0:
        return f"Waiting for {missing} pods to be ready...\n", False
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate")
    if rolling is not None:
        goal = wanted - (rolling.get("partition") or 0)
        if updated < goal:
            waiting = "Waiting for partitioned roll out to finish:"
            return f"{waiting} {updated} out of {goal} new pods have been updated...\n", False
        return f"partitioned roll out complete: {updated} new pods have been updated...\n", True
    current, update = status.get("currentRevision", ""), status.get("updateRevision", "")
    if update != current:
        return (
            f"waiting for statefulset rolling update to complete {updated} pods at revision {update}...\n",
            False,
        )
    pods = status.get("currentReplicas", 0)
    return f"statefulset rolling update complete {pods} pods at revision {current}...\n", True


def _only_rolling_updates(obj: Wire) -> None:
    if ((obj.get("spec") or {}).get("updateStrategy") or {}).get("type") != "RollingUpdate":
        raise UsageError("error: rollout status is only available for RollingUpdate strategy type")


VIEWERS: dict[tuple[str, str], Callable[[Wire, int], Outcome]] = {
    ("apps", "Deployment"): deployment,
    ("apps", "DaemonSet"): daemon_set,
    ("apps", "StatefulSet"): stateful_set,
}
