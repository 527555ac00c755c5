"""What the kernel has, by ``iptables-save``: our chains and the jumps to them, what is missing, how all of it goes.

Pure. May import: proxy.iptables.tables.
"""

from collections.abc import Iterable

from kajitori.proxy.iptables.tables import FILTER_CHAINS, NAT_CHAINS

SERVICE_CHAIN_PREFIXES = ("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-")

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


def emptied(saved: str, chains: Iterable[str]) -> set[str]:
    """Those of our chains that have no rule any more, of the per-service `chains` and those that never are empty."""
    table, filled = "", set()
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-A "):
            filled.add((table, line.split(" ", 2)[1]))
    wanted = {*NEVER_EMPTY, *(("nat", chain) for chain in chains)}
    return {chain for _, chain in wanted - filled}


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
