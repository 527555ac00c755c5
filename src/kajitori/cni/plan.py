"""What a node's pod network should look like, from the cluster's nodes. Pure.

Each Pod gets an address of its node's podCIDR by `ptp` (a veth pair and a host route per Pod) or `bridge`; other
nodes' ranges are routed to their addresses; whatever of the cluster's range has no better route is unreachable, so
that no packet to a Pod that is not there leaves the machine. Traffic from Pods to the world is masqueraded.
May import: the standard library.
"""

import ipaddress
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

NETWORK = "kindnet"
FILE_NAME = "10-kindnet.conflist"
CHAIN = "KIND-MASQ-AGENT"
LAST_RESORT_METRIC = "4294967294"
HOOK = (
    "-A POSTROUTING -m addrtype ! --dst-type LOCAL -m comment"
    ' --comment "kind-masq-agent: traffic that leaves the node" -j ' + CHAIN
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the flags choose; the address ranges come from the nodes."""

    mode: str = "ptp"
    mtu: int = 0  # 0: the interface's own
    cluster_cidrs: tuple[str, ...] = ()
    ipam_dir: str = "/run/cni-ipam-state"


@dataclass(frozen=True, order=True)
class Route:
    """`unreachable` routes have no gateway."""

    destination: str
    gateway: str = ""

    def argv(self, verb: str) -> list[str]:
        """The ip(8) command, with `verb` such as replace or del; no gateway makes a route of last resort."""
        family = "-6" if ":" in self.destination else "-4"
        if self.gateway:
            return ["ip", family, "route", verb, self.destination, "via", self.gateway]
        return ["ip", family, "route", verb, "unreachable", self.destination, "metric", LAST_RESORT_METRIC]


def pod_cidrs(node: Any) -> tuple[str, ...]:
    return tuple(node.spec.pod_cidrs) or ((node.spec.pod_cidr,) if node.spec.pod_cidr else ())


def conflist(cidrs: Sequence[str], options: Options) -> str:
    """The CNI configuration for these ranges of Pod addresses."""
    routes = [{"dst": "::/0" if ":" in cidr else "0.0.0.0/0"} for cidr in cidrs]
    ipam = {
        "type": "host-local",
        "dataDir": options.ipam_dir,
        "routes": routes,
        "ranges": [[{"subnet": cidr}] for cidr in cidrs],
    }
    main: dict[str, Any] = {"type": options.mode, "ipMasq": False, "ipam": ipam}
    if options.mode == "bridge":
        main |= {"bridge": "cni0", "isGateway": True, "hairpinMode": True}
    if options.mtu:
        main["mtu"] = options.mtu
    plugins = [main, {"type": "portmap", "capabilities": {"portMappings": True}}]
    return json.dumps({"cniVersion": "0.3.1", "name": NETWORK, "plugins": plugins}, indent=2) + "\n"


def routes(nodes: Iterable[Any], own_name: str, options: Options) -> set[Route]:
    """Every other node's ranges through its address, and the last resorts."""
    wanted: set[Route] = set()
    own: tuple[str, ...] = ()
    for node in nodes:
        if node.metadata.name == own_name:
            own = pod_cidrs(node)
            continue
        gateways = [a.address for a in node.status.addresses if a.type == "InternalIP"]
        for cidr in pod_cidrs(node):
            gateway = next((g for g in gateways if (":" in g) == (":" in cidr)), "")
            if gateway:
                wanted.add(Route(cidr, gateway))
    wanted |= {Route(cidr) for cidr in (options.cluster_cidrs or own)}
    return wanted


def masquerade(nodes: Iterable[Any], own_name: str, options: Options, family: int, *, has_hook: bool) -> str:
    """Text for `iptables-restore --noflush`: our chain anew, and the jump to it if it is missing."""
    everyone: set[str] = set(options.cluster_cidrs)
    own: list[str] = []
    for node in nodes:
        cidrs = pod_cidrs(node)
        everyone.update(cidrs)
        if node.metadata.name == own_name:
            own = [c for c in cidrs if ipaddress.ip_network(c, strict=False).version == family]
    lines = ["*nat", f":{CHAIN} - [0:0]"]
    for cidr in sorted(c for c in everyone if ipaddress.ip_network(c, strict=False).version == family):
        lines.append(f'-A {CHAIN} -d {cidr} -m comment --comment "kind-masq-agent: Pods see each other" -j RETURN')
    for cidr in own:
        lines.append(
            f'-A {CHAIN} -s {cidr} -m comment --comment "kind-masq-agent: to the world" -j MASQUERADE --random-fully'
        )
    if not has_hook:
        lines.append(HOOK)
    return "\n".join([*lines, "COMMIT", ""])
