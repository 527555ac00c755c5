"""From a profile to the names and numbers of its network on this host. May import: cluster's own modules."""

from collections.abc import Iterable
from dataclasses import replace

from kajitori.cluster import network, profile
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import RUNTIME_DIR, Home
from kajitori.cluster.profile import Node, Profile

RANGES_DIR = RUNTIME_DIR / "ranges"
"""One file per cluster of this host, whichever home it belongs to."""


def network_plan(home: Home, cluster: Profile) -> network.Plan:
    """What the host side of this cluster's network looks like."""
    return network.Plan(
        tag=home.tag(cluster.name),
        subnet=cluster.subnet,
        pod_cidr=cluster.pod_cidr,
        service_cidr=cluster.service_cidr,
        isolated=cluster.isolated,
        loopback_ports=network.loopback_ports(cluster.registry_mirrors),
    )


def others(home: Home, name: str) -> list[network.Plan]:
    """The plans of this home's other clusters; one that cannot be read still has its bridge to be seen by."""
    found, _ = profile.readable(home)
    return [network_plan(home, cluster) for cluster in found if cluster.subnet and cluster.name != name]


def with_addresses(cluster: Profile, subnet: str) -> Profile:
    """The profile with its subnet, and every node's address in it."""
    plan = network.Plan(tag="", subnet=subnet, pod_cidr=cluster.pod_cidr, service_cidr=cluster.service_cidr)
    nodes = tuple(replace(node, ip=plan.node_ip(node.index)) for node in cluster.nodes)
    return replace(cluster, subnet=subnet, nodes=nodes)


def allocate(home: Home, cluster: Profile) -> Profile:
    """Give a new cluster a subnet and keep the profile; two starts at once get two subnets.

    The bridge is made under the same lock, because it is what the next one looks for.
    """
    with locked(RUNTIME_DIR / "network.lock"):
        taken = [plan.subnet for plan in others(home, cluster.name)]
        if cluster.subnet and cluster.name not in profile.names(home):
            network.require_free(cluster.subnet, network.used_networks(), taken)
        if not cluster.subnet:
            cluster = with_addresses(cluster, network.free_subnet(network.used_networks(), taken))
        profile.save(home, cluster)
        plan = network_plan(home, cluster)
        network.raise_(plan)
        remember(plan)
    return cluster


def release(home: Home, cluster: Profile) -> None:
    """Take the cluster's network away; what clusters of any home on this host still need stays."""
    plan = network_plan(home, cluster)
    with locked(RUNTIME_DIR / "network.lock"):
        noted = RANGES_DIR / plan.tag
        ranges = noted.read_text().split() if noted.exists() else ()  # a broken profile may have lost its subnet
        noted.unlink(missing_ok=True)
        network.lower(plan, len(cluster.nodes), ranges=ranges, keep=needed())


def remember(plan: network.Plan) -> None:
    """Say to other homes which ranges this cluster has fallback routes for."""
    RANGES_DIR.mkdir(parents=True, exist_ok=True)
    (RANGES_DIR / plan.tag).write_text("\n".join(plan.ranges()))


def needed() -> set[str]:
    """The ranges of every cluster that has been started on this host since it booted, and not been deleted."""
    return {line for path in RANGES_DIR.glob("*") for line in path.read_text().split()}


def host_names(cluster: Profile) -> dict[str, str]:
    """What every node's /etc/hosts says."""
    return {"control-plane.minikube.internal": cluster.primary.ip} | {node.name: node.ip for node in cluster.nodes}


def node_named(nodes: Iterable[Node], name: str) -> Node | None:
    return next((node for node in nodes if node.name == name), None)
