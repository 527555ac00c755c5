"""Service ports → the text of one ``iptables-restore --noflush``: upstream's chains, applied in one transaction.

    PREROUTING, OUTPUT → KUBE-SERVICES → KUBE-SVC-x (cluster policy) / KUBE-SVL-x (local policy) → KUBE-SEP-y → DNAT
                              └→ KUBE-NODEPORTS → KUBE-EXT-x (marks for masquerade) ──┘
    INPUT, FORWARD, OUTPUT (filter) → KUBE-SERVICES, KUBE-EXTERNAL-SERVICES: reject or drop what has no endpoint

Pure: the only state is the set of chains that are in the kernel already, which the caller passes in and gets back.
May import: proxy.{ruleset,services}, proxy.iptables.
"""

from collections.abc import Collection, Sequence

from kajitori.proxy.iptables.service import ServiceRules
from kajitori.proxy.iptables.tables import FILTER_CHAINS, Rules
from kajitori.proxy.ruleset import Options, Ruleset
from kajitori.proxy.services import ServicePort


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
    rules = Rules(options)
    for port in ports:
        ServiceRules(rules, port).render(is_unchanged=port in unchanged)
    rules.finish()
    chains = frozenset(rules.chains)
    stale = sorted(set(existing) - chains)
    nat = [*rules.declared, *(f":{chain} - [0:0]" for chain in stale), *rules.nat_chains, *rules.nat]
    nat += [f"-X {chain}" for chain in stale]
    filter_chains = [f":{chain} - [0:0]" for chain in FILTER_CHAINS]
    text = "\n".join(["*filter", *filter_chains, *rules.filter, "COMMIT", "*nat", *nat, "COMMIT", ""])
    return Ruleset(hooks + text, chains)
