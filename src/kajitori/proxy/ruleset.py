"""What both backends share: what an operator may choose about the rules, and a ruleset as text.

Pure. May import: proxy.services.
"""

from dataclasses import dataclass

from kajitori.proxy.services import Family


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
    """Text for ``iptables-restore --noflush`` or ``nft -f -``, and the service chains that exist once it is applied."""

    text: str
    chains: frozenset[str]
