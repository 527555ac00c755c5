"""Persistent volumes, claims, classes, CSI nodes. May import: kubectl.describers."""

from __future__ import annotations

from typing import Any

from kajitori.kubectl.describers.claims import access_modes, class_of_claim, phase, write_claim
from kajitori.kubectl.describers.cluster import PODS, Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, listed, marks
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.volumes import PERSISTENT, write_source
from kajitori.kubectl.describers.wire import (
    Wire,
    amount,
    boolean_or_unset,
    dig,
    meta,
    moment,
    spec,
    status,
    words,
)
from kajitori.machinery.labels import format_labels

_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


async def describe_volume(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "Finalizers:", words(meta(obj, "finalizers", [])))
    page.row(0, "StorageClass:", class_of_claim(obj))
    page.row(0, "Status:", phase(obj))
    bound = spec(obj, "claimRef", default=None)
    page.row(0, "Claim:", "" if bound is None else f"{bound.get('namespace', '')}/{bound.get('name', '')}")
    page.row(0, "Reclaim Policy:", spec(obj, "persistentVolumeReclaimPolicy"))
    page.row(0, "Access Modes:", access_modes(spec(obj, "accessModes", default=[])))
    if spec(obj, "volumeMode"):
        page.row(0, "VolumeMode:", spec(obj, "volumeMode"))
    page.row(0, "Capacity:", amount(spec(obj, "capacity", "storage")))
    _affinity(page, spec(obj, "nodeAffinity", "required", default=None))
    page.row(0, "Message:", status(obj, "message"))
    page.row(0, "Source:")
    write_source(page, obj["spec"], PERSISTENT)
    await write_events(page, obj, cluster)


def _affinity(page: Page, required: Wire | None) -> None:
    page.write(0, "Node Affinity:\t")
    if required is None:
        page.end("<none>")
        return
    page.end()
    terms = required.get("nodeSelectorTerms") or []
    page.write(1, "Required Terms:\t")
    page.end("" if terms else "<none>")
    for position, term in enumerate(terms):
        _expressions(page, 2, f"Term {position}", term.get("matchExpressions") or [])


def _expressions(page: Page, level: int, title: str, expressions: list[Wire], operator: str = "") -> None:
    page.write(level, f"{title}:\t")
    if not expressions:
        page.end("<none>")
        return
    for position, one in enumerate(expressions):
        if position:
            page.write(level, "\t")
        text = f"{one.get('key', '')} {operator or one.get('operator', '').lower()}"
        values = one.get("values") or []
        page.write(0, (f"{text} [{', '.join(values)}]" if values else text) + "\n")


async def describe_claim(page: Page, obj: Wire, cluster: Cluster) -> None:
    pods = users_of(obj, await cluster.list(PODS, meta(obj, "namespace")))
    write_claim(page, obj)
    listed(page, "Used By", sorted(meta(pod, "name") for pod in pods))
    conditions = status(obj, "conditions", default=[])
    if conditions:
        page.row(0, "Conditions:")
        page.row(1, "Type", "Status", "LastProbeTime", "LastTransitionTime", "Reason", "Message")
        page.row(1, "----", "------", "-----------------", "------------------", "------", "-------")
    for one in conditions:
        page.row(
            1,
            f"{one.get('type', '')} ",
            f"{one.get('status', '')} ",
            f"{moment(one.get('lastProbeTime'))} ",
            f"{moment(one.get('lastTransitionTime'))} ",
            f"{one.get('reason', '')} ",
            one.get("message", ""),
        )
    await write_events(page, obj, cluster)


def users_of(obj: Wire, pods: list[Wire]) -> list[Wire]:
    """Pods with a volume of this claim, and pods that own it."""
    name = meta(obj, "name")
    found = [
        pod
        for pod in pods
        for volume in spec(pod, "volumes", default=[])
        if dig(volume, "persistentVolumeClaim", "claimName") == name
    ]
    owners = {one.get("uid") for one in meta(obj, "ownerReferences", ()) if one.get("kind") == "Pod"}
    known = {meta(pod, "uid") for pod in found}
    return found + [pod for pod in pods if meta(pod, "uid") in owners - known]


async def describe_storage_class(page: Page, obj: Wire, cluster: Cluster) -> None:
    marked = meta(obj, "annotations", {})
    page.row(0, "Name:", meta(obj, "name"))
    page.row(0, "IsDefaultClass:", "Yes" if any(marked.get(key) == "true" for key in _DEFAULT) else "No")
    page.row(0, "Annotations:", format_labels(marked))
    page.row(0, "Provisioner:", obj.get("provisioner", ""))
    page.row(0, "Parameters:", format_labels(obj.get("parameters")))
    page.row(0, "AllowVolumeExpansion:", boolean_or_unset(obj.get("allowVolumeExpansion")))
    options = obj.get("mountOptions") or []
    page.row(0, *(("MountOptions:",) if options else ("MountOptions:", "<none>")))
    for option in options:
        page.row(1, option)
    for title, key in (("ReclaimPolicy:", "reclaimPolicy"), ("VolumeBindingMode:", "volumeBindingMode")):
        if obj.get(key) is not None:
            page.row(0, title, obj[key])
    _topologies(page, obj.get("allowedTopologies"))
    await write_events(page, obj, cluster)


def _topologies(page: Page, topologies: Any) -> None:
    if topologies is None:
        return
    page.write(0, "AllowedTopologies:\t")
    page.end("" if topologies else "<none>")
    for position, term in enumerate(topologies):
        _expressions(page, 1, f"Term {position}", term.get("matchLabelExpressions") or [], "in")


async def describe_attributes_class(page: Page, obj: Wire, cluster: Cluster) -> None:
    page.row(0, "Name:", meta(obj, "name"))
    page.row(0, "Annotations:", format_labels(meta(obj, "annotations", {})))
    page.row(0, "DriverName:", obj.get("driverName", ""))
    page.row(0, "Parameters:", format_labels(obj.get("parameters")))
    await write_events(page, obj, cluster)


async def describe_csi_node(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj, namespaced=False)
    marks(page, obj)
    page.row(0, "CreationTimestamp:", moment(meta(obj, "creationTimestamp")))
    page.row(0, "Spec:")
    drivers = spec(obj, "drivers", default=None)
    if drivers is not None:
        page.row(1, "Drivers:")
    for driver in drivers or ():
        page.row(2, f"{driver.get('name', '')}:")
        page.row(3, "Node ID:", driver.get("nodeID", ""))
        count = dig(driver, "allocatable", "count")
        if count is not None:
            page.row(3, "Allocatables:")
            page.row(4, "Count:", count)
        if driver.get("topologyKeys") is not None:
            page.row(3, "Topology Keys:", words(driver["topologyKeys"]))
    await write_events(page, obj, cluster)
