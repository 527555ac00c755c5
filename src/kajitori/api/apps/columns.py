"""How apps/v1 objects print as tables. Pure. May import: api.cells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import age, containers_and_images, dig, label_selector, labels, name, table

Object = dict[str, Any]


def _tail(obj: Object) -> list[str]:
    """The wide cells of every workload: containers, images, selector."""
    names, images = containers_and_images(dig(obj, "spec.template.spec", {}))
    return [names, images, label_selector(dig(obj, "spec.selector"))]


def _deployment(obj: Object, now: datetime) -> list[Any]:
    status = obj.get("status") or {}
    ready = f"{status.get('readyReplicas', 0)}/{dig(obj, 'spec.replicas', 0)}"
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    names, images, _ = _tail(obj)
    selector = label_selector(dig(obj, "spec.selector"), empty="")
    return [name(obj), ready, updated, available, age(obj, now), names, images, selector]


def _replica_set(obj: Object, now: datetime) -> list[Any]:
    status = obj.get("status") or {}
    counts = [dig(obj, "spec.replicas", 0), status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [name(obj), *counts, age(obj, now), *_tail(obj)]


def _daemon_set(obj: Object, now: datetime) -> list[Any]:
    status = obj.get("status") or {}
    fields = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ]
    counts = [status.get(field, 0) for field in fields]
    return [name(obj), *counts, labels(dig(obj, "spec.template.spec.nodeSelector")), age(obj, now), *_tail(obj)]


def _stateful_set(obj: Object, now: datetime) -> list[Any]:
    ready = f"{dig(obj, 'status.readyReplicas', 0)}/{dig(obj, 'spec.replicas', 0)}"
    return [name(obj), ready, age(obj, now), *_tail(obj)[:2]]


def _revision(obj: Object, now: datetime) -> list[Any]:
    owner = next((o for o in dig(obj, "metadata.ownerReferences", ()) if o.get("controller")), None)
    controller = "<none>"
    if owner:
        group = owner.get("apiVersion", "").rpartition("/")[0]
        controller = f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return [name(obj), controller, obj.get("revision", 0), age(obj, now)]


DEPLOYMENTS = table("Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*", _deployment)
REPLICA_SETS = table(
    "Name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*", _replica_set
)
DAEMON_SETS = table(
    "Name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age, "
    "Containers*, Images*, Selector*",
    _daemon_set,
)
STATEFUL_SETS = table("Name, Ready, Age, Containers*, Images*", _stateful_set)
REVISIONS = table("Name, Controller, Revision, Age", _revision)
