"""Nodes: conditions, capacity, system, and the pods on them with what they ask for. May import: kubectl.describers."""

from __future__ import annotations

from kajitori.client.kinds import ResourcePath
from kajitori.kubectl.describers import events
from kajitori.kubectl.describers.cluster import PODS, Cluster
from kajitori.kubectl.describers.marks import identity, marks, taints
from kajitori.kubectl.describers.noderesources import write_usage
from kajitori.kubectl.describers.page import Page
from kajitori.kubectl.describers.wire import Wire, amount, dig, lower, meta, moment, or_none, spec, status
from kajitori.machinery.errors import Forbidden, StatusError

LEASES = ResourcePath("coordination.k8s.io/v1", "leases", namespaced=True)
ROLE_PREFIX, ROLE = "node-role.kubernetes.io/", "kubernetes.io/role"
_SYSTEM = (
    ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"), ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"), ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"), ("Kube-Proxy Version", "kubeProxyVersion"),
)  # fmt: skip


async def describe_node(page: Page, node: Wire, cluster: Cluster) -> None:
    identity(page, node, namespaced=False)
    page.row(0, "Roles:", or_none(",".join(roles(node))))
    marks(page, node)
    page.row(0, "CreationTimestamp:", moment(meta(node, "creationTimestamp")))
    taints(page, "Taints", spec(node, "taints", default=[]))
    page.row(0, "Unschedulable:", lower(spec(node, "unschedulable", default=False)))
    await _lease(page, node, cluster)
    _conditions(page, node)
    page.row(0, "Addresses:")
    for one in status(node, "addresses", default=[]):
        page.row(1, f"{one.get('type', '')}:", one.get("address", ""))
    for title, key in (("Capacity:", "capacity"), ("Allocatable:", "allocatable")):
        _amounts(page, title, status(node, key, default={}))
    page.row(0, "System Info:")
    for title, key in _SYSTEM:
        page.row(1, f"{title}:", status(node, "nodeInfo", key))
    for title, value in (
        ("PodCIDR:", spec(node, "podCIDR")),
        ("PodCIDRs:", ",".join(spec(node, "podCIDRs", default=[]))),
        ("ProviderID:", spec(node, "providerID")),
    ):
        if value:
            page.row(0, title, value)
    await _pods(page, node, cluster)
    await _events(page, node, cluster)


def roles(node: Wire) -> list[str]:
    """From the role labels, sorted."""
    found = set()
    for key, value in meta(node, "labels", {}).items():
        if key.startswith(ROLE_PREFIX) and key != ROLE_PREFIX:
            found.add(key.removeprefix(ROLE_PREFIX))
        elif key == ROLE and value:
            found.add(value)
    return sorted(found)


async def _lease(page: Page, node: Wire, cluster: Cluster) -> None:
    try:
        lease = await cluster.get(LEASES, meta(node, "name"), "kube-node-lease")
    except StatusError as error:
        page.row(0, "Lease:", f"Failed to get lease: {error.message}")
        return
    page.row(0, "Lease:")
    page.row(1, "HolderIdentity:", dig(lease, "spec", "holderIdentity", default="<unset>"))
    for title, key in (("AcquireTime:", "acquireTime"), ("RenewTime:", "renewTime")):
        time = dig(lease, "spec", key)
        page.row(1, title, moment(time) if time else "<unset>")


def _conditions(page: Page, node: Wire) -> None:
    conditions = status(node, "conditions", default=[])
    if not conditions:
        return
    page.row(0, "Conditions:")
    page.row(1, "Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message")
    page.row(1, "----", "------", "-----------------", "------------------", "------", "-------")
    for one in conditions:
        page.row(
            1,
            f"{one.get('type', '')} ",
            f"{one.get('status', '')} ",
            f"{moment(one.get('lastHeartbeatTime'))} ",
            f"{moment(one.get('lastTransitionTime'))} ",
            f"{one.get('reason', '')} ",
            one.get("message", ""),
        )


def _amounts(page: Page, title: str, amounts: dict[str, str]) -> None:
    if amounts:
        page.row(0, title)
    for name in sorted(amounts):
        page.row(1, f"{name}:", amount(amounts[name]))


async def _pods(page: Page, node: Wire, cluster: Cluster) -> None:
    fields = f"spec.nodeName={meta(node, 'name')},status.phase!=Failed,status.phase!=Succeeded"
    try:
        pods = await cluster.list(PODS, fields=fields)
    except Forbidden:
        page.row(0, "Pods:", "not authorized")
        return
    write_usage(page, node, pods)


async def _events(page: Page, node: Wire, cluster: Cluster) -> None:
    """Controllers name a node by its UID in events, the kubelet by its name."""
    by_uid = await cluster.events_of(node)
    if by_uid is None:
        return
    by_name = await cluster.events_of(node, uid=meta(node, "name")) or []
    events.table(page, [*by_uid, *(one for one in by_name if one not in by_uid)])
