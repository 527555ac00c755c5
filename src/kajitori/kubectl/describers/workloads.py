"""Deployments, replica sets, replication controllers, daemon sets, stateful sets. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.events import write_events
from kajitori.kubectl.describers.marks import identity, labels, marks, selector_string, selector_text
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.revisions import split_replica_sets
from kajitori.kubectl.describers.templates import write_template
from kajitori.kubectl.describers.wire import Wire, amount, controlled_by, dig, meta, moment, spec, status
from kajitori.machinery.errors import StatusError
from kajitori.machinery.labels import format_labels

REPLICA_SETS = ResourcePath("apps/v1", "replicasets", namespaced=True)


async def describe_deployment(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    page.row(0, "CreationTimestamp:", moment(meta(obj, "creationTimestamp")))
    marks(page, obj)
    page.row(0, "Selector:", selector_string(spec(obj, "selector", default=None)))
    counts = [spec(obj, "replicas", default=0)]
    counts += [status(obj, key, default=0) for key in (
        "updatedReplicas", "replicas", "availableReplicas", "unavailableReplicas"
    )]  # fmt: skip
    words = ("desired", "updated", "total", "available", "unavailable")
    page.row(0, "Replicas:", " | ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True)))
    page.row(0, "StrategyType:", spec(obj, "strategy", "type"))
    page.row(0, "MinReadySeconds:", spec(obj, "minReadySeconds", default=0))
    rolling = spec(obj, "strategy", "rollingUpdate", default=None)
    if rolling is not None:
        text = f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge"
        page.row(0, "RollingUpdateStrategy:", text)
    write_template(page, spec(obj, "template", default={}))
    write_conditions(page, obj)
    await _replica_sets(page, obj, cluster)
    await write_events(page, obj, cluster)


async def _replica_sets(page: Page, obj: Wire, cluster: Cluster) -> None:
    try:
        found = await cluster.list(
            REPLICA_SETS, meta(obj, "namespace"), labels=selector_string(spec(obj, "selector", default=None))
        )
    except StatusError:
        return
    old, new = split_replica_sets(obj, found)
    if old or new:
        page.row(0, "OldReplicaSets:", _named(old))
        page.row(0, "NewReplicaSet:", _named([new] if new else []))


def _named(replica_sets: list[Wire]) -> str:
    texts = [
        (
            f"{meta(one, 'name')} ({status(one, 'replicas', default=0)}/{spec(one, 'replicas', default=0)} "
            "replicas created)"
        )
        for one in replica_sets
    ]
    return ", ".join(texts) or "<none>"


def write_conditions(page: Page, obj: Wire) -> None:
    """Type, status and reason of a workload's conditions."""
    conditions = status(obj, "conditions", default=[])
    if not conditions:
        return
    page.rows(0, ("Conditions:",), ("  Type", "Status", "Reason"))
    page.row(1, "----", "------", "------")
    for one in conditions:
        page.row(1, f"{one.get('type', '')} ", one.get("status", ""), one.get("reason", ""))


def phases(counts: dict[str, int]) -> str:
    """`3 Running / 0 Waiting / 0 Succeeded / 0 Failed`."""
    words = {"Running": "Running", "Pending": "Waiting", "Succeeded": "Succeeded", "Failed": "Failed"}
    return " / ".join(f"{counts[phase]} {word}" for phase, word in words.items())


async def describe_replica_set(page: Page, obj: Wire, cluster: Cluster) -> None:
    identity(page, obj)
    page.row(0, "Selector:", selector_text(spec(obj, "selector", default=None)))
    marks(page, obj)
    if controlled_by(obj):
        page.row(0, "Controlled By:", controlled_by(obj))
    _replicas(page, obj)
    try:
        text = phases(await cluster.pods_by_phase(obj, selector_string(spec(obj, "selector", default=None))))
    except StatusError as error:
        text = f"error in fetching pods: {error.message}"
    page.row(0, "Pods Status:", text)
    write_template(page, spec(obj, "template", default={}))
    write_conditions(page, obj)
    await write_events(page, obj, cluster)


def _replicas(page: Page, obj: Wire) -> None:
    current, desired = status(obj, "replicas", default=0), spec(obj, "replicas", default=0)
    page.row(0, "Replicas:", f"{current} current / {desired} desired")


async def describe_replication_controller(page: Page, obj: Wire, cluster: Cluster) -> None:
    selector = spec(obj, "selector", default={})
    identity(page, obj)
    page.row(0, "Selector:", format_labels(selector))
    marks(page, obj)
    _replicas(page, obj)
    plain = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    page.row(0, "Pods Status:", phases(await cluster.pods_by_phase(obj, plain)))
    write_template(page, spec(obj, "template", default=None))
    write_conditions(page, obj)
    await write_events(page, obj, cluster)


async def describe_daemon_set(page: Page, obj: Wire, cluster: Cluster) -> None:
    selector = selector_string(spec(obj, "selector", default=None))
    identity(page, obj)
    page.row(0, "Selector:", selector)
    page.row(0, "Node-Selector:", format_labels(spec(obj, "template", "spec", "nodeSelector", default={})))
    marks(page, obj)
    for text, key in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.row(0, f"{text}: {status(obj, key, default=0)}")
    page.row(0, "Pods Status:", phases(await cluster.pods_by_phase(obj, selector)))
    write_template(page, spec(obj, "template", default={}))
    await write_events(page, obj, cluster)


async def describe_stateful_set(page: Page, obj: Wire, cluster: Cluster) -> None:
    selector = selector_string(spec(obj, "selector", default=None))
    identity(page, obj)
    page.row(0, "CreationTimestamp:", moment(meta(obj, "creationTimestamp")))
    page.row(0, "Selector:", selector)
    marks(page, obj)
    desired, total = spec(obj, "replicas", default=0), status(obj, "replicas", default=0)
    page.row(0, "Replicas:", f"{desired} desired | {total} total")
    page.row(0, "Update Strategy:", spec(obj, "updateStrategy", "type"))
    partition = spec(obj, "updateStrategy", "rollingUpdate", "partition", default=None)
    if partition is not None:
        page.row(1, "Partition:", partition)
        unavailable = spec(obj, "updateStrategy", "rollingUpdate", "maxUnavailable", default=None)
        if unavailable is not None:
            page.row(1, "MaxUnavailable:", unavailable)
    page.row(0, "Pods Status:", phases(await cluster.pods_by_phase(obj, selector)))
    write_template(page, spec(obj, "template", default={}))
    _claims(page, spec(obj, "volumeClaimTemplates", default=[]))
    await write_events(page, obj, cluster)


def _claims(page: Page, templates: list[Wire]) -> None:
    from kajitori.kubectl.describers.claims import class_of_claim

    if not templates:
        page.row(0, "Volume Claims:", "<none>")
        return
    page.row(0, "Volume Claims:")
    for one in templates:
        page.row(1, "Name:", meta(one, "name"))
        page.row(1, "StorageClass:", class_of_claim(one))
        labels(page, "Labels", meta(one, "labels", {}), indent="  ")
        labels(page, "Annotations", meta(one, "annotations", {}), indent="  ")
        wanted = dig(one, "spec", "resources", "requests", "storage")
        page.row(1, "Capacity:", "<default>" if wanted is None else amount(wanted))
        page.row(1, "Access Modes:", "[" + " ".join(spec(one, "accessModes", default=[])) + "]")
