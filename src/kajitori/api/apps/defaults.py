"""Defaults of apps/v1. Pure, on wire dicts. May import: api.core."""

from __future__ import annotations

from typing import Any

from kajitori.api.core.pod_defaults import pod_template

Object = dict[str, Any]
QUARTER = "25%"


def deployment(obj: Object) -> None:
    """Of a Deployment: one replica, a rolling update by quarters, ten old revisions, ten minutes to make progress."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        rolling.setdefault("maxUnavailable", QUARTER)
        rolling.setdefault("maxSurge", QUARTER)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    pod_template(spec.setdefault("template", {}))


def replica_set(obj: Object) -> None:
    """Of a ReplicaSet: one replica."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    pod_template(spec.setdefault("template", {}))


def daemon_set(obj: Object) -> None:
    """Of a DaemonSet: a rolling update of one node at a time."""
    spec = obj.setdefault("spec", {})
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    pod_template(spec.setdefault("template", {}))


def stateful_set(obj: Object) -> None:
    """Of a StatefulSet, the claims of its templates included."""
    spec = obj.setdefault("spec", {})
    spec["podManagementPolicy"] = spec.get("podManagementPolicy") or "OrderedReady"
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        rolling.setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for occasion in ("whenDeleted", "whenScaled"):
        retention[occasion] = retention.get(occasion) or "Retain"
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    pod_template(spec.setdefault("template", {}))
    for claim in spec.get("volumeClaimTemplates") or ():
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        status = claim.setdefault("status", {})
        status["phase"] = status.get("phase") or "Pending"


def create_stateful_set(obj: Object) -> None:
    """How many Pods may be away at once stands behind a gate that is off in v1.34."""
    update_stateful_set(obj, {})


def update_stateful_set(obj: Object, old: Object) -> None:
    """The same, but for who has it already."""
    rolling, before = (((one.get("spec") or {}).get("updateStrategy") or {}).get("rollingUpdate") for one in (obj, old))
    if rolling and (before or {}).get("maxUnavailable") is None:
        rolling.pop("maxUnavailable", None)


TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def create_daemon_set(obj: Object) -> None:
    """The number of its template, which older versions had in the spec, stands in an annotation."""
    _number_template(obj, max(1, _template_number(obj)))


def update_daemon_set(obj: Object, old: Object) -> None:
    """A changed template is the next one; what the client says of the number does not count."""
    templates = [(one.get("spec") or {}).get("template") for one in (obj, old)]
    _number_template(obj, _template_number(old) + (templates[0] != templates[1]))


def _number_template(obj: Object, number: int) -> None:
    metadata = obj["metadata"]
    metadata["annotations"] = (metadata.get("annotations") or {}) | {TEMPLATE_GENERATION: str(number)}


def _template_number(obj: Object) -> int:
    text = (obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION) or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
