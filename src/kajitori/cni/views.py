"""The fields of a Node that matter to its network. May import: api.views."""

from typing import ClassVar

import msgspec

from kajitori.api.views import Meta, NodeAddress, View


class NodeSpec(View):
    pod_cidr: str | None = msgspec.field(default=None, name="podCIDR")
    pod_cidrs: list[str] = msgspec.field(default_factory=list, name="podCIDRs")


class NodeStatus(View):
    addresses: list[NodeAddress] = []


class Node(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Node"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)
