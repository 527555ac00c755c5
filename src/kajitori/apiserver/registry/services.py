"""Services: cluster IPs, node ports and IP families, given on the way into the store and taken back afterwards.

`ServiceHooks` acts; the rules are plain functions on wire dicts (`set_ip_families`, `keep_allocated`,
`drop_unneeded`). What is allocated is rebuilt from the watch cache when the first Service is written. Servers that
share a store also claim each value in it: the allocator proposes, the claim decides.
May import: hooks, deps, registry.{allocationmetrics, allocators, bookentries, serviceips}, storage.claims.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, WriteContext
from kajitori.apiserver.registry.allocationmetrics import AllocationMetrics
from kajitori.apiserver.registry.allocators import (
    AllocationError,
    Allocator,
    IPAllocator,
    IPRanges,
    PortAllocator,
    Transaction,
    take_all,
)
from kajitori.apiserver.registry.bookentries import GROUP, held
from kajitori.apiserver.registry.serviceips import (
    drop_unneeded,
    keep_allocated,
    may_have_node_ports,
    needs_cluster_ip,
    needs_health_check_port,
    needs_node_ports,
    set_ip_families,
    sync_cluster_ip,
)
from kajitori.machinery.errors import InternalError, Invalid
from kajitori.machinery.fieldpath import FieldError, Path, invalid
from kajitori.storage.claims import Claims

Object = dict[str, Any]
T = TypeVar("T", int, str)
_MAX_PROPOSALS = 100


class ServiceHooks(RegistryHooks):
    """What a Service gets is given in `before_…`, and given back when the write fails or the Service goes."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps
        self._ips: dict[str, Allocator[str]] = {}
        self._ranges: dict[str, IPAllocator] = {}
        self._ports: PortAllocator | None = None
        self._loaded_at = (0, 0)
        store = deps.shared_store
        self._ip_claims = Claims(store, "ips") if store else None
        self._port_claims = Claims(store, "nodeports") if store else None
        self._counted = AllocationMetrics(deps.metrics.registry, self._all_ranges, self._all_ports)

    async def before_create(self, ctx: WriteContext, obj: Object) -> None:
        self._load()
        sync_cluster_ip(obj, None)
        _raise(ctx, set_ip_families(obj, None, configured=list(self._ips)))
        await self._grant(ctx, obj, None)

    async def abort_create(self, ctx: WriteContext, obj: Object) -> None:
        await self._give_back(ctx, obj, None)

    async def before_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        self._load()
        keep_allocated(obj, old)
        drop_unneeded(obj, old)
        sync_cluster_ip(obj, old)
        _raise(ctx, set_ip_families(obj, old, configured=list(self._ips)))
        await self._grant(ctx, obj, old)

    async def abort_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        await self._give_back(ctx, obj, old)

    async def after_update(self, ctx: WriteContext, obj: Object, old: Object) -> None:
        await self._give_back(ctx, old, obj)

    async def after_delete(self, ctx: WriteContext, obj: Object) -> None:
        self._load()
        await self._give_back(ctx, obj, None)

    async def sweep(self) -> None:
        """Drop claims of Services that were never stored, because their server died."""
        services = list(self._deps.reader.list("", "services"))
        ips = {ip for service in services for ip in addresses(service)}
        ports = {str(port) for service in services for port in node_ports(service)}
        if self._ip_claims is not None and self._port_claims is not None:
            await self._ip_claims.sweep(ips.__contains__)
            await self._port_claims.sweep(ports.__contains__)

    async def _grant(self, ctx: WriteContext, obj: Object, old: Object | None) -> None:
        """Give the Service what it needs. A value that another server has given out is as taken: propose again."""
        for _ in range(_MAX_PROPOSALS):
            asked = copy.deepcopy(obj["spec"])
            with Transaction() as transaction:
                self._allocate(ctx, transaction, obj, old)
            ips, ports = _gained(obj, old)
            if ctx.dry_run:
                return
            if self._ip_claims is None or self._port_claims is None:
                self._count(ips, ports, asked)
                return
            owner = f"{ctx.namespace}/{ctx.name}"
            refused = await self._ip_claims.take(ips, owner)
            if not refused:
                refused = await self._port_claims.take(map(str, ports), owner)
                if not refused:
                    self._count(ips, ports, asked)
                    return
                await self._ip_claims.release(ips)
            self._release((ip for ip in ips if ip not in refused), (p for p in ports if str(p) not in refused))
            obj["spec"] = asked
        raise InternalError.of("failed to allocate a serviceIP: other servers took every proposal")

    def _count(self, ips: Iterable[str], ports: Iterable[int], asked: Object) -> None:
        """What a Service has got, by whether its spec named it."""
        named = {"spec": {"type": "LoadBalancer", "externalTrafficPolicy": "Local", **asked}}
        named_ips, named_ports = addresses(named), node_ports(named)
        for ip in ips:
            self._counted.ip(ip, asked=ip in named_ips)
        for port in ports:
            self._counted.port(asked=port in named_ports)

    def _all_ranges(self) -> dict[str, IPAllocator]:
        self._load()
        return self._ranges

    def _all_ports(self) -> PortAllocator:
        self._load()
        assert self._ports is not None
        return self._ports

    async def _give_back(self, ctx: WriteContext, obj: Object, kept: Object | None) -> None:
        """Free what `obj` has and `kept` has not."""
        ips, ports = _gained(obj, kept)
        self._release(ips, ports)
        if self._ip_claims is not None and self._port_claims is not None and not ctx.dry_run:
            await self._ip_claims.release(ips)
            await self._port_claims.release(map(str, ports))

    def _load(self) -> None:
        """Build the allocators from what the cache holds: once, or with a shared store when Services have changed."""
        revision = self._deps.reader.revision("", "services") if self._deps.shared_store is not None else 0
        ranges = self._deps.reader.revision(GROUP, "servicecidrs")
        if self._ports is None or revision != self._loaded_at[0]:
            self._ranges.clear()
            self._ports = PortAllocator(*self._deps.config.service_node_port_range)
            for service in self._deps.reader.list("", "services"):
                take_all(self._ports, node_ports(service))
        elif ranges == self._loaded_at[1]:
            return
        self._loaded_at = revision, ranges
        self._set_ranges()

    def _set_ranges(self) -> None:
        """Give out of the server's own ranges and of those that ServiceCIDRs add; ranges in use stay as they are."""
        own = [cidr.strip() for cidr in self._deps.config.service_cluster_ip_range.split(",")]
        families = {_family(cidr) for cidr in own}
        more = more_ranges(self._deps.reader.list(GROUP, "servicecidrs"))
        wanted = dict.fromkeys([*own, *(cidr for cidr in more if _family(cidr) in families)])
        fresh = {cidr: IPAllocator(cidr) for cidr in wanted if cidr not in self._ranges}
        self._ranges = {cidr: self._ranges.get(cidr) or fresh[cidr] for cidr in wanted}
        taken = [ip for service in self._deps.reader.list("", "services") for ip in addresses(service)] if fresh else []
        for allocator in fresh.values():
            take_all(allocator, (ip for ip in taken if ip in allocator))
        self._ips = {}
        for family in dict.fromkeys(map(_family, own)):
            found = [one for one in self._ranges.values() if one.family == family]
            self._ips[family] = found[0] if len(found) == 1 else IPRanges(found)

    def _allocate(self, ctx: WriteContext, transaction: Transaction, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        had = set(addresses(old)) if old else set()
        if needs_cluster_ip(spec) and spec.get("clusterIP") != "None":
            self._allocate_ips(ctx, transaction, spec, had)
        had_ports = set(node_ports(old)) if old else set()
        if may_have_node_ports(spec):
            self._allocate_ports(ctx, transaction, spec, had_ports)
        if needs_health_check_port(spec):
            self._allocate_health_port(ctx, transaction, spec, had_ports)

    def _allocate_ips(self, ctx: WriteContext, transaction: Transaction, spec: Object, had: set[str]) -> None:
        given = list(spec.get("clusterIPs") or ())
        out: list[str] = []
        for position, family in enumerate(spec["ipFamilies"]):
            allocator = self._ips[family]
            wish = given[position] if position < len(given) else ""
            if wish in had:
                out.append(wish)
            elif not wish:
                out.append(self._next_ip(transaction, allocator, family))
            else:
                try:
                    if held(self._deps.reader, wish):
                        raise AllocationError("provided IP is already allocated")
                    out.append(transaction.take(allocator, wish))
                except AllocationError as e:
                    self._counted.no_ip(family, asked=True)
                    why = f"failed to allocate IP {wish}: {e}"
                    _raise(ctx, [invalid(Path("spec", "clusterIPs"), given, why)])
        spec["clusterIPs"], spec["clusterIP"] = out, out[0]

    def _next_ip(self, transaction: Transaction, allocator: Allocator[str], family: str) -> str:
        """A free one; what an IPAddress keeps for others is free to the allocator, but is not given."""
        passed: list[str] = []
        try:
            while held(self._deps.reader, found := _next(transaction, allocator, "failed to allocate a serviceIP")):
                passed.append(found)
        except InternalError:
            self._counted.no_ip(family, asked=False)
            raise
        for ip in passed:
            allocator.release(ip)
        return found

    def _allocate_ports(self, ctx: WriteContext, transaction: Transaction, spec: Object, had: set[int]) -> None:
        assert self._ports is not None
        mine: dict[tuple[int | None, str], int] = {}  # one number may serve TCP and UDP of the same port
        taken_here: dict[int, set[str]] = {}
        for position, port in enumerate(spec.get("ports") or ()):
            number, protocol = int(port.get("nodePort") or 0), port.get("protocol", "TCP")
            if number:
                known = taken_here.setdefault(number, set())
                if number not in had and (not known or protocol in known):
                    self._take_port(ctx, transaction, number, Path("spec", "ports").index(position).child("nodePort"))
                known.add(protocol)
            elif needs_node_ports(spec):
                sibling = mine.get((port.get("port"), (protocol == "TCP" and "UDP") or "TCP"))
                number = sibling or self._next_port(transaction, "failed to allocate a nodePort")
                port["nodePort"] = number
                taken_here.setdefault(number, set()).add(protocol)
            mine[port.get("port"), protocol] = number

    def _allocate_health_port(self, ctx: WriteContext, transaction: Transaction, spec: Object, had: set[int]) -> None:
        assert self._ports is not None
        number = int(spec.get("healthCheckNodePort") or 0)
        if not number:
            spec["healthCheckNodePort"] = self._next_port(transaction, "failed to allocate a HealthCheck NodePort")
        elif number not in had:
            self._take_port(ctx, transaction, number, Path("spec", "healthCheckNodePort"))

    def _next_port(self, transaction: Transaction, failure: str) -> int:
        assert self._ports is not None
        try:
            return _next(transaction, self._ports, failure)
        except InternalError:
            self._counted.no_port(asked=False)
            raise

    def _take_port(self, ctx: WriteContext, transaction: Transaction, number: int, path: Path) -> None:
        assert self._ports is not None
        try:
            transaction.take(self._ports, number)
        except AllocationError as e:
            self._counted.no_port(asked=True)
            _raise(ctx, [invalid(path, number, str(e))])

    def _release(self, ips: Iterable[str], ports: Iterable[int]) -> None:
        for ip in ips:
            if allocator := self._ips.get(_family(ip)):
                allocator.release(ip)
        if self._ports is not None:
            for port in ports:
                self._ports.release(port)


def more_ranges(cidrs: Iterable[Object]) -> list[str]:
    """The ranges of ServiceCIDRs that are ready and stay, the oldest first."""
    ready = [cidr for cidr in cidrs if not cidr["metadata"].get("deletionTimestamp") and _is_ready(cidr)]
    ready.sort(key=lambda cidr: (cidr["metadata"].get("creationTimestamp") or "", cidr["metadata"]["name"]))
    return list(dict.fromkeys(text for cidr in ready for text in (cidr.get("spec") or {}).get("cidrs") or ()))


def _is_ready(cidr: Object) -> bool:
    conditions = (cidr.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _gained(obj: Object, old: Object | None) -> tuple[list[str], list[int]]:
    """The addresses and node ports that `obj` has and `old` has not."""
    had_ips, had_ports = (set(addresses(old)), set(node_ports(old))) if old else (set(), set())
    return [ip for ip in addresses(obj) if ip not in had_ips], [p for p in node_ports(obj) if p not in had_ports]


def addresses(service: Object) -> list[str]:
    """The cluster IPs that a Service holds."""
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return []
    held = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    return [ip for ip in held if ip and ip != "None"]


def node_ports(service: Object) -> list[int]:
    """The node ports that a Service holds, its health check's included, each once.

    Only what its type entitles it to counts: a ClusterIP Service that names a port (and will be refused for it) holds
    nothing, and must not give back what is another's.
    """
    return list(dict.fromkeys(_node_ports(service.get("spec") or {})))


def _node_ports(spec: Object) -> Iterator[int]:
    if may_have_node_ports(spec):
        for port in spec.get("ports") or ():
            if port.get("nodePort"):
                yield int(port["nodePort"])
    if needs_health_check_port(spec) and spec.get("healthCheckNodePort"):
        yield int(spec["healthCheckNodePort"])


def _family(address: str) -> str:
    return "IPv6" if ":" in address else "IPv4"


def _next(transaction: Transaction, allocator: Allocator[T], failure: str) -> T:
    try:
        return transaction.take_next(allocator)
    except AllocationError as e:
        raise InternalError.of(f"{failure}: {e}") from e


def _raise(ctx: WriteContext, errors: list[FieldError]) -> None:
    if errors:
        raise Invalid.of("", "Service", ctx.name, errors)
