"""The host's side of a cluster's network: a bridge, a named network name space per node, and what may pass.

    host ── bridge kj-TAG 192.168.49.1/24 ── veth ── node (netns kj-TAG-N) 192.168.49.2

`Plan` says it all; `raise_` and `node_up` make it, and may be run again over what is there; `lower` takes it all away.
Pod, service and node ranges have an `unreachable` route of last resort, so nothing addressed to a cluster ever leaves
by the host's own way out. An isolated cluster has no way out at all. May import: cluster's run, failures, paths.
"""

import ipaddress
import socket
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from kajitori.cluster.failures import NETWORK, NO_FREE_SUBNET, ClusterFailure
from kajitori.cluster.run import CommandFailed, run, succeeds

LAST_RESORT = 4278198272
"""The metric of the fallback routes: any real route wins."""

FIRST_SUBNETS = [f"192.168.{third}.0/24" for third in range(49, 255, 9)]
"""Tried in this order, as minikube does."""

NETNS_DIR = Path("/run/netns")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything the host needs to know about one cluster's network."""

    tag: str
    subnet: str
    pod_cidr: str
    service_cidr: str
    isolated: bool = False
    loopback_ports: tuple[int, ...] = ()

    @property
    def bridge(self) -> str:
        return f"kj-{self.tag}"

    @property
    def table(self) -> str:
        return f"kajitori_{self.tag}"

    @property
    def gateway(self) -> str:
        return str(ipaddress.ip_network(self.subnet)[1])

    @property
    def prefix(self) -> int:
        return ipaddress.ip_network(self.subnet).prefixlen

    def node_ip(self, index: int) -> str:
        """The gateway has the range's first address, node `index` (from 0) one of those after it."""
        return str(ipaddress.ip_network(self.subnet)[2 + index])

    def netns(self, index: int) -> str:
        return f"kj-{self.tag}-{index}"

    def veth(self, index: int) -> str:
        return f"kj{self.tag}n{index}"

    def ranges(self) -> tuple[str, ...]:
        """The cluster's own addresses: its nodes', Pods' and Services'."""
        return (self.subnet, self.pod_cidr, self.service_cidr)


def loopback_ports(mirrors: Iterable[str]) -> tuple[int, ...]:
    """Ports of mirrors that listen on the host's loopback: nodes reach them through the gateway's address."""
    urls = [urlsplit(mirror) for mirror in mirrors]
    return tuple(
        url.port or (443 if url.scheme == "https" else 80) for url in urls if url.hostname in ("127.0.0.1", "localhost")
    )


def nft_rules(plan: Plan) -> str:
    """The cluster's own nftables table, whole: declared, emptied and filled in one transaction."""
    table = f"table ip {plan.table}"
    lines = [table, f"delete {table}", f"{table} {{"]
    if plan.loopback_ports:
        ports = ", ".join(map(str, sorted(set(plan.loopback_ports))))
        lines += [
            "  chain prerouting { type nat hook prerouting priority dstnat; policy accept;",
            f'    iifname "{plan.bridge}" ip daddr {plan.gateway} tcp dport {{ {ports} }} dnat to 127.0.0.1',
            "  }",
        ]
    lines += ["  chain forward { type filter hook forward priority filter - 10; policy accept;"]
    if plan.isolated:
        lines += [f'    iifname "{plan.bridge}" oifname != "{plan.bridge}" reject']
    lines += ["  }"]
    if not plan.isolated:
        lines += [
            "  chain postrouting { type nat hook postrouting priority srcnat; policy accept;",
            f'    ip saddr {plan.subnet} oifname != "{plan.bridge}" masquerade',
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def isolation_rules(plan: Plan) -> str:
    """In the node itself: what would leave is refused at once, so nobody waits for an answer that cannot come.

    By rules, not by a missing route: a packet to a Service is routed by its first address, then translated. Where it
    is translated, the interface is still the first one, so the cluster's own ranges are never refused here.
    """
    refuse = f'oifname "eth0" ip daddr != {{ {", ".join(plan.ranges())} }} reject'
    chains = (
        f"  chain {hook} {{ type filter hook {hook} priority filter + 10; policy accept; {refuse}; }}"
        for hook in ("output", "forward")
    )
    return "\n".join(["table ip kajitori_isolation {", *chains, "}", ""])


def used_networks() -> list[ipaddress.IPv4Network]:
    """Every network the host has a route or an address for, the default route aside."""
    found = []
    for route in orjson.loads(run(["ip", "-json", "-4", "route", "show", "table", "all"]) or "[]"):
        if route.get("dst", "default") != "default":
            found.append(ipaddress.ip_network(route["dst"], strict=False))
    return [n for n in found if isinstance(n, ipaddress.IPv4Network)]


def free_subnet(used: Iterable[ipaddress.IPv4Network], taken: Iterable[str] = ()) -> str:
    """The first candidate that nothing on the host uses and no other profile has been given."""
    busy = [*used, *(ipaddress.IPv4Network(subnet) for subnet in taken if subnet)]
    for candidate in FIRST_SUBNETS:
        network = ipaddress.IPv4Network(candidate)
        if not any(network.overlaps(other) for other in busy):
            return candidate
    raise ClusterFailure(
        NO_FREE_SUBNET,
        "No free private network is left for the cluster",
        "Delete clusters you no longer need: minikube delete --all",
    )


def require_free(subnet: str, used: Iterable[ipaddress.IPv4Network], taken: Iterable[str] = ()) -> None:
    """Refuse a subnet that somebody asked for and something else has."""
    wanted = ipaddress.IPv4Network(subnet)
    for other in (*used, *(ipaddress.IPv4Network(text) for text in taken if text)):
        if wanted.overlaps(other):
            raise ClusterFailure(
                NO_FREE_SUBNET, f"The subnet {subnet} is in use: {other}", "Give another one, or leave --subnet out"
            )


def ip_batch(lines: Iterable[str], *, netns: str = "") -> None:
    """Many `ip` commands in one process."""
    argv = ["ip", *(["-netns", netns] if netns else []), "-batch", "-"]
    try:
        run(argv, stdin="\n".join(lines) + "\n")
    except CommandFailed as failure:
        raise ClusterFailure(
            NETWORK,
            f"The cluster's network could not be made: {failure.output.strip()}",
            "Remove what is left over: minikube delete",
        ) from failure


def has_link(name: str) -> bool:
    """Asked of the kernel, not of /sys: that may show another name space's."""
    try:
        return socket.if_nametoindex(name) > 0
    except OSError:
        return False


def raise_(plan: Plan) -> None:
    """The bridge, the fallback routes, the rules. Harmless where they already stand."""
    lines = (
        []
        if has_link(plan.bridge)
        else [f"link add {plan.bridge} type bridge", f"addr add {plan.gateway}/{plan.prefix} dev {plan.bridge}"]
    )
    lines += [f"link set {plan.bridge} up"]
    lines += [f"route replace unreachable {network} metric {LAST_RESORT}" for network in plan.ranges()]
    ip_batch(lines)
    if plan.loopback_ports:
        Path(f"/proc/sys/net/ipv4/conf/{plan.bridge}/route_localnet").write_text("1")
    run(["nft", "-f", "-"], stdin=nft_rules(plan))
    if not plan.isolated:
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        admit_forwarding(plan)


def forward_rules(plan: Plan) -> list[list[str]]:
    """Needed where another program (Docker, a firewall) made iptables drop what is forwarded."""
    mark = ["-m", "comment", "--comment", plan.table]
    return [["-i", plan.bridge, *mark, "-j", "ACCEPT"], ["-o", plan.bridge, *mark, "-j", "ACCEPT"]]


def admit_forwarding(plan: Plan) -> None:
    """Lets the cluster's traffic past a host firewall whose FORWARD policy is DROP (Docker's is); else nothing."""
    if "-P FORWARD DROP" not in run(["iptables", "-w", "-S", "FORWARD"], check=False):
        return
    for rule in forward_rules(plan):
        if not succeeds(["iptables", "-w", "-C", "FORWARD", *rule]):
            run(["iptables", "-w", "-I", "FORWARD", *rule])


def node_up(plan: Plan, index: int) -> None:
    """A fresh name space for a node, wired to the bridge; the node's own default route included."""
    name, outside = plan.netns(index), plan.veth(index)
    node_down(plan, index)
    ip_batch(
        [
            f"netns add {name}",
            f"link add {outside} type veth peer name eth0 netns {name}",
            f"link set {outside} master {plan.bridge}",
            f"link set {outside} up",
        ]
    )
    ip_batch(
        [
            "link set lo up",
            f"addr add {plan.node_ip(index)}/{plan.prefix} dev eth0",
            "link set eth0 up",
            f"route add default via {plan.gateway}",
        ],
        netns=name,
    )
    if plan.isolated:
        run(["ip", "netns", "exec", name, "nft", "-f", "-"], stdin=isolation_rules(plan))


def node_down(plan: Plan, index: int) -> None:
    """The name space goes, and with it the node's end of the wire and every rule and route in it."""
    if has_link(plan.veth(index)):
        run(["ip", "link", "delete", plan.veth(index)], check=False)
    if (NETNS_DIR / plan.netns(index)).exists():
        run(["ip", "netns", "delete", plan.netns(index)], check=False)


def lower(plan: Plan, nodes: int, *, ranges: Collection[str] = (), keep: Collection[str] = ()) -> None:
    """Take away all of it, `ranges` that the plan no longer knows too, but for those that other clusters `keep`."""
    names = {path.name for path in NETNS_DIR.glob(f"kj-{plan.tag}-*")} if NETNS_DIR.is_dir() else set()
    indexes = set(range(nodes)) | {int(name.rpartition("-")[2]) for name in names}
    for index in indexes:
        node_down(plan, index)
    if has_link(plan.bridge):
        run(["ip", "link", "delete", plan.bridge], check=False)
    run(["nft", "-f", "-"], stdin=f"table ip {plan.table}\ndelete table ip {plan.table}\n", check=False)
    if "-P FORWARD DROP" in run(["iptables", "-w", "-S", "FORWARD"], check=False):
        for rule in forward_rules(plan):
            run(["iptables", "-w", "-D", "FORWARD", *rule], check=False)
    for network in {*plan.ranges(), *ranges}:
        if network and network not in keep:
            run(["ip", "route", "delete", "unreachable", network, "metric", str(LAST_RESORT)], check=False)
