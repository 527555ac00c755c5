"""Node IPAM: gives each node its range of Pod addresses out of the cluster's, with `--allocate-node-cidrs`.

May import: client, api; never another controller.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from kajitori.api.core.v1 import Node
from kajitori.client.objects import ObjectKey
from kajitori.controllers.controller import DONE, Context, Controller, Result

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CidrRangeFull(Exception):
    """Every range of the cluster's is given to some node."""


class NodeIpamController(Controller):
    """One worker: the next free range is read off the nodes, plus what was given and is not in the cache yet."""

    name, component, workers = "node-ipam-controller", "cidrAllocator", 1
    account = "node-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._given: dict[str, list[str]] = {}  # node → ranges that we gave it
        if self.options.allocate_node_cidrs:
            self.nodes = self.watch(context.informers.of(Node)).lister

    async def reconcile(self, key: ObjectKey) -> Result:
        node = self.nodes.get(key)
        if node is None:
            self._given.pop(key.name, None)
            return DONE
        if node.spec.pod_cidr or node.metadata.deletion_timestamp is not None:
            return DONE
        if key.name not in self._given:
            taken = [cidr for other in self.nodes for cidr in ranges_of(other)]
            taken += [cidr for ranges in self._given.values() for cidr in ranges]
            try:
                self._given[key.name] = allocate(
                    self.options.cluster_cidr, taken, self._mask, self.options.service_cidr
                )
            except CidrRangeFull:
                reference = {"apiVersion": "v1", "kind": "Node", "name": key.name, "uid": node.metadata.uid}
                text = f"Node {key.name} status is now: CIDRNotAvailable"
                self.recorder.event(reference, "Normal", "CIDRNotAvailable", text)
                return Result(requeue_after_s=30)
        ranges = self._given[key.name]
        patch = {"metadata": {"uid": node.metadata.uid}, "spec": {"podCIDR": ranges[0], "podCIDRs": ranges}}
        await self.client.patch(Node, key.name, patch)
        return DONE

    def _mask(self, network: Network) -> int:
        if network.version == 4:
            return self.options.node_cidr_mask_size_ipv4
        return self.options.node_cidr_mask_size_ipv6


def ranges_of(node: Node) -> list[str]:
    return list(node.spec.pod_cidrs) or ([node.spec.pod_cidr] if node.spec.pod_cidr else [])


def allocate(
    cluster_cidr: str, taken: Iterable[str], mask: Callable[[Network], int], service_cidr: str = ""
) -> list[str]:
    """The first free range in each of the cluster's ranges (one, or one per address family).

    `mask` says how long the prefix of a node's range is. Raises `CidrRangeFull`.
    """
    used = [ipaddress.ip_network(cidr) for cidr in (*taken, *service_cidr.split(",")) if cidr]
    found = []
    for text in cluster_cidr.split(","):
        whole = ipaddress.ip_network(text.strip())
        mine = {network for network in used if network.version == whole.version}
        prefix = max(mask(whole), whole.prefixlen)
        candidates = (n for n in whole.subnets(new_prefix=prefix) if not any(_overlap(n, u) for u in mine))
        free = next(candidates, None)
        if free is None:
            raise CidrRangeFull(text)
        found.append(str(free))
    return found


def _overlap(one: Any, other: Any) -> bool:
    return bool(one.overlaps(other))
