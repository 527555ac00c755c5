"""Pods. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.kubectl.describers import events
from kajitori.kubectl.describers.cluster import Cluster
from kajitori.kubectl.describers.containers import Section, write_resources, write_seccomp
from kajitori.kubectl.describers.environment import resolver_of
from kajitori.kubectl.describers.marks import identity, labels, marks, tolerations
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.templates import write_spread
from kajitori.kubectl.describers.volumes import write_volumes
from kajitori.kubectl.describers.wire import Wire, controlled_by, meta, moment, since, spec, status

MIRROR = "kubernetes.io/config.mirror"


async def describe_pod(page: Page, pod: Wire, cluster: Cluster) -> None:
    about = await cluster.events_of(pod, kind="", uid=meta(pod, "annotations", {}).get(MIRROR))
    identity(page, pod)
    _placement(page, pod)
    marks(page, pod)
    _status(page, pod)
    _addresses(page, pod)
    if controlled_by(pod):
        page.row(0, "Controlled By:", controlled_by(pod))
    if status(pod, "nominatedNodeName"):
        page.row(0, "NominatedNodeName:", status(pod, "nominatedNodeName"))
    if spec(pod, "resources"):
        page.row(0, "Resources:")
        write_resources(page, spec(pod, "resources"), 1)
    _containers(page, pod)
    _conditions(page, pod)
    write_volumes(page, spec(pod, "volumes", default=[]))
    page.row(0, "QoS Class:", status(pod, "qosClass") or qos_class(pod))
    labels(page, "Node-Selectors", spec(pod, "nodeSelector", default={}))
    tolerations(page, "Tolerations", spec(pod, "tolerations", default=[]))
    write_spread(page, spec(pod, "topologySpreadConstraints", default=[]))
    if about is not None:
        events.table(page, about)


def _placement(page: Page, pod: Wire) -> None:
    if spec(pod, "priority", default=None) is not None:
        page.row(0, "Priority:", spec(pod, "priority"))
    for title, key in (
        ("Priority Class Name:", "priorityClassName"),
        ("Runtime Class Name:", "runtimeClassName"),
        ("Service Account:", "serviceAccountName"),
    ):
        if spec(pod, key):
            page.row(0, title, spec(pod, key))
    node = spec(pod, "nodeName")
    page.row(0, "Node:", f"{node}/{status(pod, 'hostIP')}" if node else "<none>")
    if status(pod, "startTime"):
        page.row(0, "Start Time:", moment(status(pod, "startTime")))


def _status(page: Page, pod: Wire) -> None:
    deleted, phase = meta(pod, "deletionTimestamp"), status(pod, "phase")
    if deleted and phase not in ("Failed", "Succeeded"):
        page.row(0, "Status:", f"Terminating (lasts {since(deleted)})")
        page.row(0, "Termination Grace Period:", f"{meta(pod, 'deletionGracePeriodSeconds', 0)}s")
    else:
        page.row(0, "Status:", phase)
    for title, key in (("Reason:", "reason"), ("Message:", "message")):
        if status(pod, key):
            page.row(0, title, status(pod, key))
    write_seccomp(page, spec(pod, "securityContext", "seccompProfile", default=None), 0, 0)


def _addresses(page: Page, pod: Wire) -> None:
    page.row(0, "IP:", status(pod, "podIP"))
    addresses = status(pod, "podIPs", default=[])
    if not addresses:
        page.row(0, "IPs:", "<none>")
        return
    page.row(0, "IPs:")
    for one in addresses:
        page.row(1, "IP:", one.get("ip", ""))


def _containers(page: Page, pod: Wire) -> None:
    resolve = resolver_of(pod)
    for title, key, states in (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ):
        found = spec(pod, key, default=[])
        if found or key == "containers":
            Section(title, found, status(pod, states, default=[]), resolve=resolve).write(page)


def _conditions(page: Page, pod: Wire) -> None:
    conditions = status(pod, "conditions", default=[])
    gates = spec(pod, "readinessGates", default=[])
    if gates:
        page.rows(0, ("Readiness Gates:",), ("  Type", "Status"))
        known = {one.get("type"): one.get("status") for one in reversed(conditions)}
        for gate in gates:
            kind = gate.get("conditionType", "")
            page.row(1, f"{kind} ", f"{known.get(kind, '<none>')} ")
    if conditions:
        page.rows(0, ("Conditions:",), ("  Type", "Status"))
        for one in conditions:
            page.row(1, f"{one.get('type', '')} ", f"{one.get('status', '')} ")


def qos_class(pod: Wire) -> str:
    """For a server that does not tell: by the CPU and memory of the containers."""
    containers = [*spec(pod, "containers", default=[]), *spec(pod, "initContainers", default=[])]
    amounts = [container.get("resources") or {} for container in containers]
    if not any(one.get("requests") or one.get("limits") for one in amounts):
        return "BestEffort"
    for one in amounts:
        limits = one.get("limits") or {}
        requests = {**limits, **(one.get("requests") or {})}
        if any(limits.get(name) in (None, "0") or limits[name] != requests.get(name) for name in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"
