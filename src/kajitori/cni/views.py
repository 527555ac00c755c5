"""The fields of a Node that matter to its network. May import: msgspec only."""

from typing import ClassVar

import msgspec


class View(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """Base of the views: camelCase on the wire, unknown fields dropped."""


class Meta(View):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class NodeSpec(View):
    pod_cidr: str | None = msgspec.field(default=None, name="podCIDR")
    pod_cidrs: list[str] = msgspec.field(default_factory=list, name="podCIDRs")


class NodeAddress(View):
    type: str = ""
    address: str = ""


class NodeStatus(View):
    addresses: list[NodeAddress] = []


class Node(View):
    API_VERSION: ClassVar[str] = "v1"
    KIND: ClassVar[str] = "Node"
    metadata: Meta = msgspec.field(default_factory=Meta)
    spec: NodeSpec = msgspec.field(default_factory=NodeSpec)
    status: NodeStatus = msgspec.field(default_factory=NodeStatus)
