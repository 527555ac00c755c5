"""Upstream's numbers of cluster IPs and node ports: how many are taken and free, how many were given or could not be.

`static` is what somebody asked for, `dynamic` what was chosen. May import: registry.allocators, aiokit.metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kajitori.aiokit.metrics import Labels, Registry
from kajitori.apiserver.registry.allocators import IPAllocator, PortAllocator

_IPS, _PORTS = "kube_apiserver_clusterip_allocator_", "kube_apiserver_nodeport_allocator_"


class AllocationMetrics:
    """One for each server; `ranges` and `ports` give what is there when somebody scrapes."""

    def __init__(
        self, registry: Registry, ranges: Callable[[], Mapping[str, IPAllocator]], ports: Callable[[], PortAllocator]
    ) -> None:
        self._ranges = ranges

        def ips(of: Callable[[IPAllocator], int]) -> Callable[[], dict[Labels, float]]:
            return lambda: {(cidr,): of(allocator) for cidr, allocator in ranges().items()}

        registry.callback(
            f"{_IPS}allocated_ips",
            "How many addresses of a range are taken.",
            ("cidr",),
            ips(lambda a: a.used),
            "ALPHA",
        )
        registry.callback(
            f"{_IPS}available_ips", "How many addresses of a range are free.", ("cidr",), ips(lambda a: a.free), "ALPHA"
        )
        taken, left = "How many node ports are taken.", "How many node ports are free."
        registry.callback(f"{_PORTS}allocated_ports", taken, (), lambda: {(): ports().used}, "ALPHA")
        registry.callback(f"{_PORTS}available_ports", left, (), lambda: {(): ports().free}, "ALPHA")
        self._ips = registry.counter(f"{_IPS}allocation_total", "Addresses given.", ("cidr", "scope"), "ALPHA")
        self._no_ips = registry.counter(
            f"{_IPS}allocation_errors_total", "Addresses that could not be given.", ("cidr", "scope"), "ALPHA"
        )
        self._given = registry.counter(f"{_PORTS}allocation_total", "Node ports given.", ("scope",), "ALPHA")
        self._refused = registry.counter(
            f"{_PORTS}allocation_errors_total", "Node ports that could not be given.", ("scope",), "ALPHA"
        )

    def ip(self, address: str, *, asked: bool) -> None:
        """An address was given."""
        cidr = next((cidr for cidr, allocator in self._ranges().items() if address in allocator), "")
        self._ips.inc(cidr, _scope(asked))

    def no_ip(self, family: str, *, asked: bool) -> None:
        """One could not be; counted for the first range of its family."""
        cidr = next((cidr for cidr, allocator in self._ranges().items() if allocator.family == family), "")
        self._no_ips.inc(cidr, _scope(asked))

    def port(self, *, asked: bool) -> None:
        """A node port was given."""
        self._given.inc(_scope(asked))

    def no_port(self, *, asked: bool) -> None:
        """One could not be."""
        self._refused.inc(_scope(asked))


def _scope(asked: bool) -> str:
    return "static" if asked else "dynamic"
