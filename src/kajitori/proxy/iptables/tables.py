"""The growing text of both tables: our top chains, the rules that stand whatever the Services are, and what is added.

Pure. May import: proxy.{ruleset,services}.
"""

from kajitori.proxy.ruleset import Options
from kajitori.proxy.services import is_family

NAT_CHAINS = ("KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ")

FILTER_CHAINS = (
    "KUBE-NODEPORTS",
    "KUBE-SERVICES",
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-FIREWALL",
    "KUBE-FORWARD",
    "KUBE-PROXY-FIREWALL",
)


class Rules:
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
