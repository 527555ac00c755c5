"""A Pod with everything about it that plugins ask again and again, worked out once.

May import: scheduler.resources, machinery.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kajitori.machinery.labels import Selector
from kajitori.scheduler.resources import Amounts, allocated, pod_requests


class HostPort(NamedTuple):
    """A port on the node itself; `ip` 0.0.0.0 means all of its addresses."""

    ip: str
    protocol: str
    port: int


class AffinityTerm(NamedTuple):
    """One (anti-)affinity term, ready to match: its namespaces, selectors and topology key."""

    namespaces: frozenset[str]
    namespace_selector: Selector
    selector: Selector
    topology_key: str
    weight: int = 0

    def matches(self, pod: PodInfo, namespace_labels: dict[str, str]) -> bool:
        """Whether this other Pod is one that the term speaks of."""
        if pod.namespace not in self.namespaces and not self.namespace_selector.matches(namespace_labels):
            return False
        return self.selector.matches(pod.labels)


class PodInfo:
    """Immutable by convention: a changed Pod gets a new PodInfo."""

    __slots__ = (
        "affinity",
        "anti_affinity",
        "host_ports",
        "labels",
        "name",
        "namespace",
        "non_zero_requests",
        "pod",
        "preferred_affinity",
        "preferred_anti_affinity",
        "priority",
        "requests",
        "spec",
        "uid",
    )

    def __init__(self, pod: Any) -> None:
        self.pod = pod
        self.spec: Any = pod.spec
        meta = pod.metadata
        self.namespace: str = meta.namespace or ""
        self.name: str = meta.name or ""
        self.uid: str = meta.uid or ""
        self.labels: dict[str, str] = meta.labels
        self.priority: int = pod.spec.priority or 0
        has = allocated(pod)
        self.requests: Amounts = pod_requests(pod.spec, allocated=has)
        self.non_zero_requests: Amounts = pod_requests(pod.spec, non_zero=True, allocated=has)
        self.host_ports = host_ports_of(pod.spec)
        affinity = pod.spec.affinity
        with_pods = affinity.pod_affinity if affinity is not None else None
        against = affinity.pod_anti_affinity if affinity is not None else None
        self.affinity = self._required(with_pods)
        self.anti_affinity = self._required(against)
        self.preferred_affinity = self._preferred(with_pods)
        self.preferred_anti_affinity = self._preferred(against)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    __repr__ = __str__

    def _required(self, affinity: Any) -> tuple[AffinityTerm, ...]:
        if affinity is None:
            return ()
        return tuple(self._term(t, 0) for t in affinity.required_during_scheduling_ignored_during_execution)

    def _preferred(self, affinity: Any) -> tuple[AffinityTerm, ...]:
        if affinity is None:
            return ()
        terms = affinity.preferred_during_scheduling_ignored_during_execution
        return tuple(self._term(t.pod_affinity_term, t.weight or 0) for t in terms)

    def _term(self, term: Any, weight: int) -> AffinityTerm:
        selector = Selector.from_label_selector(term.label_selector)
        selector = with_keys(selector, term.match_label_keys, term.mismatch_label_keys, self.labels)
        namespaces = frozenset(term.namespaces)
        if not namespaces and term.namespace_selector is None:
            namespaces = frozenset((self.namespace,))
        return AffinityTerm(
            namespaces,
            Selector.from_label_selector(term.namespace_selector),
            selector,
            term.topology_key or "",
            weight,
        )


def with_keys(selector: Selector, match: list[str], mismatch: list[str], labels: dict[str, str]) -> Selector:
    """matchLabelKeys and mismatchLabelKeys: the incoming Pod's own values of these labels join the selector."""
    extra = [f"{key} in ({labels[key]})" for key in match if key in labels]
    extra += [f"{key} notin ({labels[key]})" for key in mismatch if key in labels]
    if not extra or selector.requirements is None:
        return selector
    added = Selector.parse(",".join(extra)).requirements or ()
    return Selector((*selector.requirements, *added))


def host_ports_of(spec: Any) -> tuple[HostPort, ...]:
    """Of containers and restartable init containers (sidecars): others have ended when the Pod runs."""
    containers = [*spec.containers, *(c for c in spec.init_containers if c.restart_policy == "Always")]
    return tuple(
        HostPort(port.host_ip or "0.0.0.0", port.protocol or "TCP", port.host_port)
        for container in containers
        for port in container.ports
        if port.host_port
    )
