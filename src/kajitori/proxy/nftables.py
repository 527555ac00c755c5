"""Service ports → the text of one ``nft -f`` transaction: table ``kube-proxy``, verdict maps instead of rule chains.

    nat-prerouting, nat-output → services → @service-ips / @service-nodeports → service-x → endpoint-y → dnat
                                                             └→ external-x (marks for masquerade) ──┘
    filter-input, -forward, -output → @no-endpoint-services, @no-endpoint-nodeports: reject or drop
    filter-prerouting → @firewall-ips: loadBalancerSourceRanges

Each transaction flushes rules and maps and fills them again; the sets that remember clients (session affinity) keep
their elements, and chains that are no longer wanted are deleted. Lookup cost does not grow with the number of
Services. Pure. May import: proxy.{names,ruleset,services}.
"""

from collections.abc import Collection, Sequence

from kajitori.proxy import names
from kajitori.proxy.ruleset import Options, Ruleset
from kajitori.proxy.services import Endpoint, ServicePort, is_family

TABLE = "kube-proxy"
SERVICE_CHAIN_PREFIXES = ("service-", "endpoint-", "external-", "firewall-")
_BASE_CHAINS = {
    "nat-prerouting": "type nat hook prerouting priority -100 ;",
    "nat-output": "type nat hook output priority -100 ;",
    "nat-postrouting": "type nat hook postrouting priority 100 ;",
    "filter-prerouting": "type filter hook prerouting priority -110 ;",
    "filter-input": "type filter hook input priority -110 ;",
    "filter-forward": "type filter hook forward priority -110 ;",
    "filter-output": "type filter hook output priority -110 ;",
    "filter-output-post-dnat": "type filter hook output priority -90 ;",
}
_CHAINS = (
    "services",
    "masquerading",
    "mark-for-masquerade",
    "endpoints-check",
    "nodeport-check",
    "firewall-check",
    "reject-chain",
)


def render(ports: Sequence[ServicePort], options: Options, *, existing: Collection[str] = ()) -> Ruleset:
    """The whole table; ``existing`` are the service chains and affinity sets of the ruleset applied before."""
    table = _Table(options)
    for port in ports:
        _Service(table, port).render()
    wanted = frozenset(table.objects)
    stale = sorted(set(existing) - wanted)
    return Ruleset(table.text(stale), wanted)


def cleanup(options: Options) -> str:
    """A transaction that leaves nothing of ours (adding first makes deleting safe)."""
    family = _family(options)
    return f"add table {family} {TABLE}\ndelete table {family} {TABLE}\n"


def service_objects(listing: str) -> frozenset[str]:
    """Our chains (``chain x``) and affinity sets (``set x``) in the output of ``nft list table``."""
    found = set()
    for line in listing.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "chain" and words[1].startswith(SERVICE_CHAIN_PREFIXES):
            if words[1] != "firewall-check":
                found.add(f"chain {words[1]}")
        elif len(words) >= 2 and words[0] == "set" and words[1].startswith("affinity-"):
            found.add(f"set {words[1]}")
    return frozenset(found)


def filled(transaction: str) -> frozenset[str]:
    """The chains (``chain x``) that get rules and the maps (``map x``) that get elements in what `render` made."""
    found = set()
    for line in transaction.splitlines():
        words = line.split(maxsplit=5)
        if words[:2] == ["add", "rule"]:
            found.add(f"chain {words[4]}")
        elif words[:2] == ["add", "element"]:
            found.add(f"map {words[4]}")
    return frozenset(found)


def holding(listing: str) -> frozenset[str]:
    """The same of the kernel's table, from the output of ``nft list table``."""
    found, block = set(), ""
    for line in listing.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "{":
            block = f"{words[0]} {words[1]}"
        elif not words or words[0] == "}":
            block = ""
        elif block.startswith("chain "):
            found |= {block} if words[0] not in ("type", "comment") else set()
        elif block.startswith("map ") and words[0] == "elements":
            found.add(block)
    return frozenset(found)


def _family(options: Options) -> str:
    return "ip" if options.family == "IPv4" else "ip6"


class _Table:
    """The growing transaction."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.family = _family(options)
        self.address = "ipv4_addr" if options.family == "IPv4" else "ipv6_addr"
        self.objects: dict[str, str] = {}  # "chain x" / "set x" → how it is declared
        self.rules: list[str] = []
        self.elements: dict[str, list[str]] = {}

    def chain(self, name: str) -> str:
        """Declare a service chain once."""
        self.objects.setdefault(f"chain {name}", f"add chain {self.family} {TABLE} {name}")
        return name

    def affinity_set(self, name: str, timeout_s: int) -> str:
        """Declare the set that remembers which clients an endpoint has."""
        spec = f"{{ type {self.address} ; flags dynamic,timeout ; timeout {timeout_s}s ; }}"
        self.objects.setdefault(f"set {name}", f"add set {self.family} {TABLE} {name} {spec}")
        return name

    def rule(self, chain: str, text: str) -> None:
        self.rules.append(f"add rule {self.family} {TABLE} {chain} {text}")

    def element(self, map_: str, text: str) -> None:
        self.elements.setdefault(map_, []).append(text)

    def text(self, stale: Sequence[str]) -> str:
        prefix, t = f"{self.family} {TABLE}", self.address
        maps = {
            "service-ips": f"map service-ips {{ type {t} . inet_proto . inet_service : verdict ; }}",
            "service-nodeports": "map service-nodeports { type inet_proto . inet_service : verdict ; }",
            "no-endpoint-services": f"map no-endpoint-services {{ type {t} . inet_proto . inet_service : verdict ; }}",
            "no-endpoint-nodeports": "map no-endpoint-nodeports { type inet_proto . inet_service : verdict ; }",
            "firewall-ips": f"map firewall-ips {{ type {t} . inet_proto . inet_service : verdict ; }}",
        }
        out = [f'add table {prefix} {{ comment "rules for kube-proxy" ; }}']
        out += [f"add chain {prefix} {name} {{ {spec} }}" for name, spec in _BASE_CHAINS.items()]
        out += [f"add chain {prefix} {name}" for name in _CHAINS]
        out += [f"add {spec.replace(' ', f' {prefix} ', 1)}" for spec in maps.values()]
        out += [declaration for name, declaration in self.objects.items()]
        out += [f"flush map {prefix} {name}" for name in maps]
        out.append(f"flush table {prefix}")
        out += [f"delete {name.replace(' ', f' {prefix} ', 1)}" for name in stale]
        out += self._static() + self.rules
        for name, elements in self.elements.items():
            out.append(f"add element {prefix} {name} {{ {', '.join(elements)} }}")
        return "\n".join([*out, ""])

    def _static(self) -> list[str]:
        a = self.family
        mark = f"{self.options.masquerade_mark:#x}"
        invert = f"{self.options.masquerade_mark:#010x}"
        service = f"{a} daddr . meta l4proto . th dport vmap"
        node_port = f"fib daddr type local {self._node_port_match()}meta l4proto . th dport vmap"
        rules = [
            ("nat-prerouting", "jump services"),
            ("nat-output", "jump services"),
            ("nat-postrouting", "jump masquerading"),
            ("filter-prerouting", "ct state new jump firewall-check"),
            ("filter-input", "ct state new jump nodeport-check"),
            ("filter-input", "ct state new jump endpoints-check"),
            ("filter-forward", "ct state new jump endpoints-check"),
            ("filter-output", "ct state new jump firewall-check"),
            ("filter-output-post-dnat", "ct state new jump endpoints-check"),
            ("filter-output-post-dnat", "ct state new jump nodeport-check"),
            ("services", f"{service} @service-ips"),
            ("services", f"{node_port} @service-nodeports"),
            ("mark-for-masquerade", f"meta mark set meta mark or {mark}"),
            ("masquerading", f"meta mark and {mark} == 0 return"),
            ("masquerading", f"meta mark set meta mark xor {invert}"),
            ("masquerading", "masquerade fully-random"),
            ("endpoints-check", f"{service} @no-endpoint-services"),
            ("nodeport-check", f"{node_port} @no-endpoint-nodeports"),
            ("firewall-check", f"{service} @firewall-ips"),
            ("reject-chain", "reject"),
        ]
        if not self.options.conntrack_tcp_be_liberal:
            rules.insert(5, ("filter-forward", "ct state invalid drop"))
        return [f"add rule {self.family} {TABLE} {chain} {text}" for chain, text in rules]

    def _node_port_match(self) -> str:
        wanted = [x for x in self.options.node_port_addresses if is_family(x, self.options.family)]
        if wanted:
            return f"{self.family} daddr {{ {', '.join(wanted)} }} "
        return f"{self.family} daddr != {'127.0.0.0/8' if self.options.family == 'IPv4' else '::1'} "


class _Service:
    """The elements, chains and rules of one service port."""

    def __init__(self, table: _Table, port: ServicePort) -> None:
        self.table, self.port, self.a = table, port, table.family
        name = names.nft_service_name(port)
        self.cluster, self.local = f"service-{name}", f"service-{name}.local"
        self.external, self.firewall = f"external-{name}", f"firewall-{name}"

    def render(self) -> None:
        port = self.port
        if port.has_endpoints:
            self._chains()
        self._ip(port.cluster_ip, port.internal_endpoints, self.local if port.is_internal_local else self.cluster)
        for ip in (*port.external_ips, *port.load_balancer_ips):
            self._ip(ip, port.external_endpoints, self.external)
        if port.source_ranges:
            self._source_ranges()
        if port.node_port:
            key = f"{port.protocol} . {port.node_port}"
            if port.has_endpoints:
                self.table.element("service-nodeports", f"{key} : goto {self.external}")
            if not port.external_endpoints:
                self.table.element("no-endpoint-nodeports", f"{key} : {self._refusal()}")

    def _refusal(self) -> str:
        return "drop" if self.port.has_endpoints else "goto reject-chain"

    def _ip(self, ip: str, endpoints: Sequence[Endpoint], chain: str) -> None:
        key = f"{ip} . {self.port.protocol} . {self.port.port}"
        if endpoints or (chain == self.external and self.port.has_endpoints):
            self.table.element("service-ips", f"{key} : goto {chain}")
        if not endpoints:
            self.table.element("no-endpoint-services", f"{key} : {self._refusal()}")

    def _source_ranges(self) -> None:
        chain = self.table.chain(self.firewall)
        self.table.rule(chain, f"{self.a} saddr != {{ {', '.join(self.port.source_ranges)} }} drop")
        for ip in self.port.load_balancer_ips:
            key = f"{ip} . {self.port.protocol} . {self.port.port}"
            self.table.element("firewall-ips", f"{key} : goto {chain}")

    def _chains(self) -> None:
        port = self.port
        uses_cluster = bool(port.cluster_endpoints) and (not port.is_internal_local or port.is_external)
        uses_local = bool(port.local_endpoints) and (port.is_internal_local or port.is_external)
        if port.internal_endpoints:
            self._masquerade_cluster_ip()
        if port.is_external:
            self._external(uses_cluster, uses_local)
        endpoints: dict[Endpoint, None] = {}
        if uses_cluster:
            self._balance(self.cluster, port.cluster_endpoints)
            endpoints |= dict.fromkeys(port.cluster_endpoints)
        if uses_local:
            self._balance(self.local, port.local_endpoints)
            endpoints |= dict.fromkeys(port.local_endpoints)
        for endpoint in endpoints:
            self._endpoint(endpoint)

    def _masquerade_cluster_ip(self) -> None:
        port, options = self.port, self.table.options
        chain = self.table.chain(self.local if port.is_internal_local else self.cluster)
        to = f"{self.a} daddr {port.cluster_ip} {port.protocol} dport {port.port}"
        if options.masquerade_all:
            self.table.rule(chain, f"{to} jump mark-for-masquerade")
        elif options.cluster_cidr:
            self.table.rule(chain, f"{to} {self.a} saddr != {options.cluster_cidr} jump mark-for-masquerade")

    def _external(self, uses_cluster: bool, uses_local: bool) -> None:
        chain = self.table.chain(self.external)
        if not self.port.is_external_local:
            self.table.rule(chain, "jump mark-for-masquerade")
            self.table.rule(chain, f"goto {self.table.chain(self.cluster)}")
            return
        if uses_cluster:
            cluster = self.table.chain(self.cluster)
            if self.table.options.cluster_cidr:
                self.table.rule(chain, f"{self.a} saddr {self.table.options.cluster_cidr} goto {cluster}")
            self.table.rule(chain, "fib saddr type local jump mark-for-masquerade")
            self.table.rule(chain, f"fib saddr type local goto {cluster}")
        if uses_local:
            self.table.rule(chain, f"goto {self.table.chain(self.local)}")

    def _balance(self, chain: str, endpoints: Sequence[Endpoint]) -> None:
        self.table.chain(chain)
        targets = [f"endpoint-{names.nft_endpoint_name(self.port, e)}" for e in endpoints]
        if self.port.affinity_s:
            for target in targets:
                self.table.rule(chain, f"{self.a} saddr @{self._affinity(target)} goto {target}")
        choices = ", ".join(f"{index} : goto {target}" for index, target in enumerate(targets))
        self.table.rule(chain, f"numgen random mod {len(targets)} vmap {{ {choices} }}")

    def _affinity(self, target: str) -> str:
        return self.table.affinity_set(target.replace("endpoint-", "affinity-", 1), self.port.affinity_s)

    def _endpoint(self, endpoint: Endpoint) -> None:
        port = self.port
        chain = self.table.chain(f"endpoint-{names.nft_endpoint_name(port, endpoint)}")
        self.table.rule(chain, f"{self.a} saddr {endpoint.ip} jump mark-for-masquerade")
        if port.affinity_s:
            self.table.rule(chain, f"update @{self._affinity(chain)} {{ {self.a} saddr }}")
        self.table.rule(chain, f"meta l4proto {port.protocol} dnat to {endpoint.address}")
