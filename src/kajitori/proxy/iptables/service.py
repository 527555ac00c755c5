"""The chains and rules of one service port. Pure. May import: proxy.{names,services}, proxy.iptables.tables."""

from collections.abc import Sequence

from kajitori.proxy import names
from kajitori.proxy.iptables.tables import Rules
from kajitori.proxy.services import Endpoint, ServicePort


class ServiceRules:
    """The rules of one service port."""

    def __init__(self, rules: Rules, port: ServicePort) -> None:
        self.rules, self.port, self.options = rules, port, rules.options
        suffix = names.chain_hash(port)
        self.svc, self.svl = "KUBE-SVC-" + suffix, "KUBE-SVL-" + suffix
        self.ext, self.fw = "KUBE-EXT-" + suffix, "KUBE-FW-" + suffix
        self.match = f"-m {port.protocol} -p {port.protocol}"

    def render(self, *, is_unchanged: bool) -> None:
        """Adds the port's rules to `rules`; of an unchanged port the chains are kept and not written again."""
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
