"""Deployment, the history: which ReplicaSet is the new one, revision numbers, annotations, what to forget. Pure.

May import: controllers.{deployment_sizes,owners}, api, machinery.hashing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kajitori.controllers.deployment_sizes import age, limits_of, wanted
from kajitori.controllers.owners import controller_reference
from kajitori.machinery.hashing import pod_template_hash

if TYPE_CHECKING:
    from kajitori.api.apps.v1 import Deployment, ReplicaSet

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
HASH_LABEL = "pod-template-hash"
MAX_HISTORY_LENGTH = 2000
NO_LIMIT = 2**31 - 1
_NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.deployment.rollback.to",
        REVISION,
        HISTORY,
        DESIRED,
        MOST,
    }
)


def template_wire(template: Any) -> dict[str, Any]:
    """The wire form without the hash label: what two templates are compared by."""
    from kajitori.api import schema

    wire: dict[str, Any] = schema.to_wire(template)
    labels = (wire.get("metadata") or {}).get("labels")
    if labels:
        labels.pop(HASH_LABEL, None)
        if not labels:
            del wire["metadata"]["labels"]
    return wire


def find_new(d: Deployment, sets: Sequence[ReplicaSet]) -> ReplicaSet | None:
    """The ReplicaSet with the Deployment's template; of several (it should not be) the oldest."""
    template = template_wire(d.spec.template)
    return next((rs for rs in sorted(sets, key=age) if template_wire(rs.spec.template) == template), None)


def revision(obj: Any) -> int:
    """The revision annotation of a Deployment or ReplicaSet; 0 where it is missing or no number."""
    try:
        return int(obj.metadata.annotations.get(REVISION, "0"))
    except ValueError:
        return 0


def next_revision(old: Sequence[ReplicaSet]) -> int:
    return max((revision(rs) for rs in old), default=0) + 1


def annotations_for(d: Deployment, rs: ReplicaSet | None, number: int) -> dict[str, str]:
    """The annotations that the new ReplicaSet should have: the Deployment's, its revision and, at birth, its sizes."""
    now = dict(rs.metadata.annotations) if rs is not None else {}
    now |= {key: value for key, value in d.metadata.annotations.items() if key not in _NOT_COPIED}
    before = now.get(REVISION, "")
    if not before or (before.isdigit() and int(before) < number):
        now[REVISION] = str(number)
        if before:
            now[HISTORY] = _longer_history(now.get(HISTORY, ""), before)
    if rs is None:
        now |= size_annotations(d)
    return now


def _longer_history(history: str, before: str) -> str:
    entries = [*(entry for entry in history.split(",") if entry), before]
    while len(",".join(entries)) > MAX_HISTORY_LENGTH:
        entries.pop(0)
    return ",".join(entries)


def size_annotations(d: Deployment) -> dict[str, str]:
    """What a ReplicaSet remembers of its Deployment's size, for proportional scaling."""
    limits = limits_of(d)
    return {DESIRED: str(limits.replicas), MOST: str(limits.most)}


def number(annotations: Mapping[str, str], key: str) -> int | None:
    """An annotation's number, None where it is missing or none."""
    try:
        return int(annotations[key])
    except (KeyError, ValueError):
        return None


def is_scaling(d: Deployment, active: Sequence[ReplicaSet]) -> bool:
    """The Deployment's size has changed since its sets were last sized."""
    sizes = (number(rs.metadata.annotations, DESIRED) for rs in active)
    return any(size is not None and size != wanted(d) for size in sizes)


def template_hash(d: Deployment) -> str:
    """The pod-template-hash; the collision count makes another one where a hash is taken already."""
    return pod_template_hash(template_wire(d.spec.template), d.status.collision_count)


def new_replicaset(d: Deployment, number: int, size: int) -> dict[str, Any]:
    """The wire form of the ReplicaSet for the Deployment's template."""
    from kajitori.api import schema

    code = template_hash(d)
    template: dict[str, Any] = schema.to_wire(d.spec.template)
    metadata = template.setdefault("metadata", {})
    metadata["labels"] = {**(metadata.get("labels") or {}), HASH_LABEL: code}
    selector: dict[str, Any] = schema.to_wire(d.spec.selector)
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: code}
    spec: dict[str, Any] = {"replicas": size, "selector": selector, "template": template}
    if d.spec.min_ready_seconds:
        spec["minReadySeconds"] = d.spec.min_ready_seconds
    return {
        "metadata": {
            "name": f"{d.metadata.name}-{code}",
            "namespace": d.metadata.namespace,
            "labels": metadata["labels"],
            "annotations": annotations_for(d, None, number),
            "ownerReferences": [controller_reference(d)],
        },
        "spec": spec,
    }


def forgettable(d: Deployment, old: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """The old ReplicaSets beyond the history limit that are empty and settled, oldest revision first."""
    limit = d.spec.revision_history_limit
    if limit is None or limit == NO_LIMIT:
        return []
    alive = [rs for rs in old if rs.metadata.deletion_timestamp is None]
    surplus = sorted(alive, key=lambda rs: (revision(rs), age(rs)))[: max(0, len(alive) - limit)]
    return [rs for rs in surplus if _is_settled_empty(rs)]


def _is_settled_empty(rs: ReplicaSet) -> bool:
    observed = rs.status.observed_generation or 0
    return not rs.status.replicas and wanted(rs) == 0 and (rs.metadata.generation or 0) <= observed
