"""Service ports → the text of one ``iptables-restore --noflush``: upstream's chains, applied in one transaction.

    PREROUTING, OUTPUT → KUBE-SERVICES → KUBE-SVC-x (cluster policy) / KUBE-SVL-x (local policy) → KUBE-SEP-y → DNAT
                              └→ KUBE-NODEPORTS → KUBE-EXT-x (marks for masquerade) ──┘
    INPUT, FORWARD, OUTPUT (filter) → KUBE-SERVICES, KUBE-EXTERNAL-SERVICES: reject or drop what has no endpoint

Pure: the only state is the set of chains that are in the kernel already, which the caller passes in and gets back.
May import: proxy.services, proxy.names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kajitori.proxy import names
from kajitori.proxy.services import Endpoint, Family, ServicePort, is_family

SERVICE_CHAIN_PREFIXES = ("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-")
NAT_CHAINS = ("KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ")
FILTER_CHAINS = (
    "KUBE-NODEPORTS",
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-FIREWALL",
    "KUBE-FORWARD",
    "KUBE-PROXY-FIREWALL",
)
CANARY = "KUBE-PROXY-CANARY"
NEVER_EMPTY = (("nat", "KUBE-POSTROUTING"), ("filter", "KUBE-FORWARD"))
"""A chain in each table that has rules whatever the Services are."""
_NEW = "-m conntrack --ctstate NEW "
_HOOKS = {
    "filter": (
        ("INPUT", f'{_NEW}-m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL'),
        ("OUTPUT", f'{_NEW}-m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL'),
        ("FORWARD", f'{_NEW}-m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL'),
        ("INPUT", '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS'),
        (
            "INPUT",
            f'{_NEW}-m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
        ),
        (
            "FORWARD",
            f'{_NEW}-m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
        ),
        ("FORWARD", f'{_NEW}-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
        ("OUTPUT", f'{_NEW}-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
        ("FORWARD", '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'),
        ("INPUT", "-j KUBE-FIREWALL"),
        ("OUTPUT", "-j KUBE-FIREWALL"),
    ),
    "nat": (
        ("OUTPUT", '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
        ("PREROUTING", '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'),
        ("POSTROUTING", '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an operator may choose about the rules (KubeProxyConfiguration's fields)."""

    family: Family = "IPv4"
    cluster_cidr: str = ""  # traffic from elsewhere to a cluster IP is masqueraded; empty: nothing is known to be local
    masquerade_all: bool = False
    masquerade_mark: int = 1 << 14
    localhost_node_ports: bool = True
    node_port_addresses: tuple[str, ...] = ()  # empty: every local address
    conntrack_tcp_be_liberal: bool = False


@dataclass(frozen=True)
class Ruleset:
    """Text for ``iptables-restore --noflush`` and the service chains that exist once it is applied."""

    text: str
    chains: frozenset[str]


def render(
    ports: Sequence[ServicePort],
    options: Options,
    *,
    existing: Collection[str] = (),
    unchanged: Collection[ServicePort] = (),
    hooks: str = "",
) -> Ruleset:
    """The ruleset; ``existing`` chains that are no longer wanted are removed, ``hooks`` is put in before.

    Chains of ``unchanged`` ports are in the kernel already and are left out: what a change costs does not grow with
    the number of endpoints of others.
    """
    rules = _Rules(options)
    for port in ports:
        _ServiceRules(rules, port).render(is_unchanged=port in unchanged)
    rules.finish()
    chains = frozenset(rules.chains)
    stale = sorted(set(existing) - chains)
    nat = [*rules.declared, *(f":{chain} - [0:0]" for chain in stale), *rules.nat_chains, *rules.nat]
    nat += [f"-X {chain}" for chain in stale]
    filter_chains = [f":{chain} - [0:0]" for chain in FILTER_CHAINS]
    text = "\n".join(["*filter", *filter_chains, *rules.filter, "COMMIT", "*nat", *nat, "COMMIT", ""])
    return Ruleset(hooks + text, chains)


def missing_hooks(saved: str) -> str:
    """Restore text that creates our top chains and jumps to them, for those that ``iptables-save`` does not show."""
    current: dict[str, set[str]] = {}
    table = ""
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line[1:]
        current.setdefault(table, set()).add(line)
    out = []
    for table, hooks in _HOOKS.items():
        lines = current.get(table, set())
        missing = [f"-I {chain} {rule}" for chain, rule in hooks if f"-A {chain} {rule}" not in lines]
        if missing:
            chains = dict.fromkeys([*(rule.rsplit(" ", 1)[1] for _, rule in hooks), CANARY])
            out += [f"*{table}", *(f":{chain} - [0:0]" for chain in chains), *missing, "COMMIT"]
    return "\n".join([*out, ""]) if out else ""


def service_chains(saved: str) -> frozenset[str]:
    """The per-service chains that an ``iptables-save -t nat`` shows."""
    names_ = (line[1:].split(" ", 1)[0] for line in saved.splitlines() if line.startswith(":"))
    return frozenset(name for name in names_ if name.startswith(SERVICE_CHAIN_PREFIXES))


def cleanup(saved: str) -> str:
    """Restore text that takes out every chain of ours, and the jumps to them."""
    out: list[str] = []
    for table, chains in (("filter", FILTER_CHAINS), ("nat", NAT_CHAINS)):
        _, _, rest = saved.partition(f"*{table}\n")
        body = rest.partition("\nCOMMIT")[0].splitlines()
        present = [line[1:].split(" ", 1)[0] for line in body if line.startswith(":")]
        ours = [c for c in present if c in chains or c == CANARY or c.startswith(SERVICE_CHAIN_PREFIXES)]
        if ours:
            jumps = [f"-D {c} {rule}" for c, rule in _HOOKS[table] if f"-A {c} {rule}" in body]
            out += [f"*{table}", *(f":{c} - [0:0]" for c in ours), *jumps, *(f"-X {c}" for c in ours), "COMMIT"]
    return "\n".join([*out, ""]) if out else ""


class _Rules:
    """The growing text: chains and rules of both tables."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.declared = [f":{chain} - [0:0]" for chain in NAT_CHAINS]
        self.chains: dict[str, None] = {}
        self.nat_chains: list[str] = []
        self.filter: list[str] = []
        self.nat: list[str] = []
        self.is_muted = False
        self.mark = f"{options.masquerade_mark:#06x}"
        self._masquerading()
        self._forwarding()

    def chain(self, name: str) -> str:
        """Declare (and so empty) a service chain once; a muted one is known to stand as it should and is left alone."""
        if name not in self.chains:
            self.chains[name] = None
            if not self.is_muted:
                self.nat_chains.append(f":{name} - [0:0]")
        return name

    def _masquerading(self) -> None:
        mark = self.mark
        self.nat += [
            f"-A KUBE-POSTROUTING -m mark ! --mark {mark}/{mark} -j RETURN",
            # The mark goes away before the packet does: it may come by again in a container's own bridge.
            f"-A KUBE-POSTROUTING -j MARK --xor-mark {mark}",
            '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT"'
            " -j MASQUERADE --random-fully",
            f"-A KUBE-MARK-MASQ -j MARK --or-mark {mark}",
        ]

    def _forwarding(self) -> None:
        if self.options.localhost_node_ports and self.options.family == "IPv4":
            # route_localnet opens 127/8 to the neighbours; close it again for all but our own translations.
            self.filter.append(
                '-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -d 127.0.0.0/8'
                " ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP"
            )
        if not self.options.conntrack_tcp_be_liberal:
            self.filter.append("-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP")
        self.filter += [
            '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules"'
            f" -m mark --mark {self.mark}/{self.mark} -j ACCEPT",
            '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule"'
            " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ]

    def finish(self) -> None:
        """Node ports come last: anything addressed to the node that no service address took."""
        note = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"'
        wanted = [a for a in self.options.node_port_addresses if is_family(a, self.options.family)]
        if wanted:
            self.nat += [f"-A KUBE-SERVICES {note} -d {address} -j KUBE-NODEPORTS" for address in wanted]
            return
        if self.options.family == "IPv6":
            note += " ! -d ::1/128"
        elif not self.options.localhost_node_ports:
            note += " ! -d 127.0.0.0/8"
        self.nat.append(f"-A KUBE-SERVICES {note} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")


class _ServiceRules:
    """The rules of one service port."""

    def __init__(self, rules: _Rules, port: ServicePort) -> None:
        self.rules, self.port, self.options = rules, port, rules.options
        suffix = names.chain_hash(port)
        self.svc, self.svl = "KUBE-SVC-" + suffix, "KUBE-SVL-" + suffix
        self.ext, self.fw = "KUBE-EXT-" + suffix, "KUBE-FW-" + suffix
        self.match = f"-m {port.protocol} -p {port.protocol}"

    def render(self, *, is_unchanged: bool) -> None:
        port = self.port
        if port.has_endpoints:
            self.rules.is_muted = is_unchanged
            self._chains()
            self.rules.is_muted = False
        self._cluster_ip()
        for ip in port.external_ips:
            self._external(ip, "external IP", self.ext)
        for ip in port.load_balancer_ips:
            self._external(ip, "loadbalancer IP", self.fw if port.source_ranges else self.ext)
        if port.node_port:
            self._node_port()
        if port.health_check_node_port:
            self._filter(
                f'-A KUBE-NODEPORTS -m comment --comment "{port.label} health check node port"'
                f" -m tcp -p tcp --dport {port.health_check_node_port} -j ACCEPT"
            )

    def _nat(self, rule: str) -> None:
        if not self.rules.is_muted:
            self.rules.nat.append(rule)

    def _filter(self, rule: str) -> None:
        self.rules.filter.append(rule)

    def _refusal(self, endpoints: Sequence[Endpoint]) -> tuple[str, str] | None:
        """(comment, target) when nothing may answer; DROP where another node's endpoints could."""
        if endpoints:
            return None
        if self.port.has_endpoints:
            return f"{self.port.label} has no local endpoints", "DROP"
        return f"{self.port.label} has no endpoints", "REJECT"

    def _cluster_ip(self) -> None:
        port = self.port
        to = f"{self.match} -d {port.cluster_ip} --dport {port.port}"
        refusal = self._refusal(port.internal_endpoints)
        if refusal:
            self._filter(f'-A KUBE-SERVICES -m comment --comment "{refusal[0]}" {to} -j {refusal[1]}')
            return
        chain = self.svl if port.is_internal_local else self.svc
        self._nat(f'-A KUBE-SERVICES -m comment --comment "{port.label} cluster IP" {to} -j {chain}')

    def _external(self, ip: str, what: str, chain: str) -> None:
        port = self.port
        to = f"{self.match} -d {ip} --dport {port.port}"
        if port.has_endpoints:
            self._nat(f'-A KUBE-SERVICES -m comment --comment "{port.label} {what}" {to} -j {chain}')
        if chain == self.fw:
            note = f"{port.label} traffic not accepted by {self.fw}"
            self._filter(f'-A KUBE-PROXY-FIREWALL -m comment --comment "{note}" {to} -j DROP')
        refusal = self._refusal(port.external_endpoints)
        if refusal:
            self._filter(f'-A KUBE-EXTERNAL-SERVICES -m comment --comment "{refusal[0]}" {to} -j {refusal[1]}')

    def _node_port(self) -> None:
        port = self.port
        to = f"{self.match} --dport {port.node_port}"
        if port.has_endpoints:
            self._nat(f'-A KUBE-NODEPORTS -m comment --comment "{port.label}" {to} -j {self.ext}')
        refusal = self._refusal(port.external_endpoints)
        if refusal:
            local = "-m addrtype --dst-type LOCAL"
            self._filter(f'-A KUBE-EXTERNAL-SERVICES -m comment --comment "{refusal[0]}" {local} {to} -j {refusal[1]}')

    def _chains(self) -> None:
        port = self.port
        uses_cluster = bool(port.cluster_endpoints) and (not port.is_internal_local or port.is_external)
        uses_local = bool(port.local_endpoints) and (port.is_internal_local or port.is_external)
        if port.is_external:
            self._ext_chain(uses_cluster, uses_local)
            if port.load_balancer_ips and port.source_ranges:
                self._firewall_chain()
        if port.internal_endpoints:
            self._masquerade_cluster_ip()
        endpoints: dict[Endpoint, None] = {}
        if uses_cluster:
            self._balance(self.svc, port.cluster_endpoints)
            endpoints |= dict.fromkeys(port.cluster_endpoints)
        if uses_local:
            self._balance(self.svl, port.local_endpoints)
            endpoints |= dict.fromkeys(port.local_endpoints)
        for endpoint in endpoints:
            self._endpoint_chain(endpoint)

    def _masquerade_cluster_ip(self) -> None:
        port = self.port
        chain = self.rules.chain(self.svl if port.is_internal_local else self.svc)
        to = f"{self.match} -d {port.cluster_ip} --dport {port.port}"
        rule = f'-A {chain} -m comment --comment "{port.label} cluster IP" {to}'
        if self.options.masquerade_all:
            self._nat(f"{rule} -j KUBE-MARK-MASQ")
        elif self.options.cluster_cidr:
            self._nat(f"{rule} ! -s {self.options.cluster_cidr} -j KUBE-MARK-MASQ")

    def _ext_chain(self, uses_cluster: bool, uses_local: bool) -> None:
        """Where traffic from outside enters: masqueraded, unless the policy is to keep the client's address."""
        port, label = self.port, self.port.label
        ext = self.rules.chain(self.ext)
        if not port.is_external_local:
            note = f"masquerade traffic for {label} external destinations"
            self._nat(f'-A {ext} -m comment --comment "{note}" -j KUBE-MARK-MASQ')
            self._nat(f"-A {ext} -j {self.rules.chain(self.svc)}")
            return
        if uses_cluster:
            svc = self.rules.chain(self.svc)
            if self.options.cluster_cidr:
                note = f"pod traffic for {label} external destinations"
                self._nat(f'-A {ext} -m comment --comment "{note}" -s {self.options.cluster_cidr} -j {svc}')
            local = "-m addrtype --src-type LOCAL"
            note = f"masquerade LOCAL traffic for {label} external destinations"
            self._nat(f'-A {ext} -m comment --comment "{note}" {local} -j KUBE-MARK-MASQ')
            note = f"route LOCAL traffic for {label} external destinations"
            self._nat(f'-A {ext} -m comment --comment "{note}" {local} -j {svc}')
        if uses_local:
            self._nat(f"-A {ext} -j {self.rules.chain(self.svl)}")

    def _firewall_chain(self) -> None:
        port = self.port
        fw = self.rules.chain(self.fw)
        for source in port.source_ranges:
            self._nat(f'-A {fw} -m comment --comment "{port.label} loadbalancer IP" -s {source} -j {self.ext}')
        note = f"other traffic to {port.label} will be dropped by KUBE-PROXY-FIREWALL"
        self._nat(f'-A {fw} -m comment --comment "{note}"')

    def _balance(self, chain: str, endpoints: Sequence[Endpoint]) -> None:
        """One of n: the first takes 1/n, the next 1/(n-1) of the rest, … the last all that is left."""
        port = self.port
        self.rules.chain(chain)
        if port.affinity_s:
            for endpoint in endpoints:
                sep = names.endpoint_chain(port, endpoint)
                recent = f"-m recent --name {sep} --rcheck --seconds {port.affinity_s} --reap"
                self._nat(f'-A {chain} -m comment --comment "{port.label} -> {endpoint.address}" {recent} -j {sep}')
        for index, endpoint in enumerate(endpoints):
            left = len(endpoints) - index
            chance = f" -m statistic --mode random --probability {1 / left:.10f}" if left > 1 else ""
            sep = names.endpoint_chain(port, endpoint)
            self._nat(f'-A {chain} -m comment --comment "{port.label} -> {endpoint.address}"{chance} -j {sep}')

    def _endpoint_chain(self, endpoint: Endpoint) -> None:
        port = self.port
        sep = self.rules.chain(names.endpoint_chain(port, endpoint))
        note = f'-m comment --comment "{port.label}"'
        # Hairpin: an endpoint that reaches itself through the service must see somebody else's address.
        self._nat(f"-A {sep} {note} -s {endpoint.ip} -j KUBE-MARK-MASQ")
        recent = f" -m recent --name {sep} --set" if port.affinity_s else ""
        self._nat(f"-A {sep} {note}{recent} {self.match} -j DNAT --to-destination {endpoint.address}")
