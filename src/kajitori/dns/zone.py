"""Kubernetes' DNS specification 1.1.0 as a pure function: (index, question) → answer.

    <service>.<namespace>.svc.<zone>                      A, AAAA: virtual address, or those of the endpoints (headless)
    <endpoint>.<service>.<namespace>.svc.<zone>           A, AAAA: one endpoint, by hostname or dashed address
    _<port>._<protocol>.<service>.<namespace>.svc.<zone>  SRV
    <dashed-address>.<namespace>.pod.<zone>               A, AAAA of a Pod
    <reversed address>.in-addr.arpa, .ip6.arpa            PTR
    dns-version.<zone> TXT, ns.dns.<zone> A, <zone> SOA and NS

A name that has no records but names below it exists without data (NODATA); any other unknown name is NXDOMAIN.
May import: dns.index, the standard library.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from kajitori.dns.index import ClusterIndex, Key, Target, cluster_ips

SPEC_VERSION = "1.1.0"
NOERROR, NXDOMAIN = 0, 3
PodMode = Literal["disabled", "insecure", "verified"]
SOA_TIMERS = (7200, 1800, 86400)  # refresh, retry, expire


class Record(NamedTuple):
    """A resource record; `data` is an address, a name, a text, (priority, weight, port, target) or the SOA's parts."""

    name: str
    type: str
    data: Any


@dataclass(frozen=True)
class Answer:
    """What is known about a question. `alias` asks the caller to look up that name too (an ExternalName)."""

    rcode: int = NOERROR
    records: Sequence[Record] = ()
    extra: Sequence[Record] = ()
    alias: str = ""
    is_fall_through: bool = False


@dataclass(frozen=True, kw_only=True)
class ZoneOptions:
    """The ``kubernetes`` directive."""

    zones: tuple[str, ...] = ("cluster.local",)  # lower case, no dot at the end
    ttl: int = 5
    pods: PodMode = "disabled"
    fall_through: tuple[str, ...] = ()
    dns_addresses: Sequence[str] = field(default=())  # what ns.dns.<zone> is

    def zone_of(self, name: str) -> str:
        """The longest of our zones that the name is in; empty if none."""
        best = ""
        for zone in self.zones:
            if (name == zone or name.endswith("." + zone)) and len(zone) > len(best):
                best = zone
        return best


def soa(zone: str, ttl: int, serial: int) -> Record:
    """The authority record that goes with every negative answer."""
    return Record(zone, "SOA", (f"ns.dns.{zone}", f"hostmaster.{zone}", (serial, *SOA_TIMERS, ttl)))


def lookup(index: ClusterIndex, options: ZoneOptions, name: str, qtype: str) -> Answer | None:
    """The answer to a question in lower case without final dot; None if the name is in none of our zones."""
    zone = options.zone_of(name)
    if not zone:
        return None
    if zone == "in-addr.arpa" or zone.endswith((".in-addr.arpa", ".ip6.arpa")) or zone == "ip6.arpa":
        answer = _reverse(index, options, name, qtype)
    else:
        answer = _Forward(index, options, zone, name, qtype).answer()
    if answer.rcode == NXDOMAIN and _falls_through(options, name):
        return Answer(NXDOMAIN, is_fall_through=True)
    return answer


def _falls_through(options: ZoneOptions, name: str) -> bool:
    return any(zone in ("", ".") or name == zone or name.endswith("." + zone) for zone in options.fall_through)


def _reverse(index: ClusterIndex, options: ZoneOptions, name: str, qtype: str) -> Answer:
    ip = address_of(name)
    if not ip:
        return Answer(NXDOMAIN)
    primary = next((z for z in options.zones if not z.endswith("arpa")), "cluster.local")
    names = [f"{service}.{namespace}.svc.{primary}" for namespace, service in index.services_at(ip)]
    if not names:
        found = index.endpoints_at(ip)
        names = [f"{target.name}.{service}.{namespace}.svc.{primary}" for (namespace, service), target in found]
    if not names:
        return Answer(NXDOMAIN)
    return Answer(records=[Record(name, "PTR", target) for target in names] if qtype in ("PTR", "ANY") else ())


def address_of(name: str) -> str:
    """The address that a reverse name is about; empty if it is not a whole address."""
    labels = name.split(".")
    if name.endswith(".in-addr.arpa") and len(labels) == 6:
        text = ".".join(reversed(labels[:4]))
    elif name.endswith(".ip6.arpa") and len(labels) == 34:
        digits = "".join(reversed(labels[:32]))
        text = ":".join(digits[i : i + 4] for i in range(0, 32, 4))
    else:
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def undash(label: str) -> str:
    """``10-1-2-3`` → ``10.1.2.3``, ``2001-db8--1`` → ``2001:db8::1``; empty if it is no address."""
    text = label.replace("-", ".") if label.count("-") == 3 and "--" not in label else label.replace("-", ":")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


class _Forward:
    """One question about a name in a forward zone."""

    def __init__(self, index: ClusterIndex, options: ZoneOptions, zone: str, name: str, qtype: str) -> None:
        self.index, self.options, self.zone, self.name, self.qtype = index, options, zone, name, qtype
        self.labels = name[: -len(zone)].rstrip(".").split(".") if name != zone else []

    def answer(self) -> Answer:
        labels = self.labels
        if not labels:
            return self._apex()
        if labels == ["dns-version"]:
            return self._data([Record(self.name, "TXT", SPEC_VERSION)])
        if labels == ["ns", "dns"]:
            return self._data(self._addresses(self.options.dns_addresses))
        if labels[-1] == "svc":
            return self._service(labels[:-1])
        if labels[-1] == "pod":
            return self._pod(labels[:-1])
        return self._data([]) if labels == ["dns"] else Answer(NXDOMAIN)

    def _data(self, records: Sequence[Record], extra: Sequence[Record] = ()) -> Answer:
        """The name exists: give the records of the type that was asked for."""
        wanted = [r for r in records if self.qtype in (r.type, "ANY")]
        return Answer(records=wanted, extra=extra if wanted else ())

    def _addresses(self, ips: Sequence[str], name: str = "") -> list[Record]:
        return [Record(name or self.name, "AAAA" if ":" in ip else "A", ip) for ip in dict.fromkeys(ips)]

    def _apex(self) -> Answer:
        ns = f"ns.dns.{self.zone}"
        records = [soa(self.zone, self.options.ttl, self.index.serial), Record(self.zone, "NS", ns)]
        return self._data(records, self._addresses(self.options.dns_addresses, ns) if self.qtype == "NS" else ())

    def _pod(self, labels: list[str]) -> Answer:
        if self.options.pods == "disabled":
            return Answer(NXDOMAIN)
        if not labels:
            return self._data([])
        if labels[-1] not in self.index.namespaces or len(labels) > 2:
            return Answer(NXDOMAIN)
        if len(labels) == 1:
            return self._data([])
        ip = undash(labels[0])
        if not ip or (self.options.pods == "verified" and not self.index.has_pod(labels[1], ip)):
            return Answer(NXDOMAIN)
        return self._data(self._addresses([ip]))

    def _service(self, labels: list[str]) -> Answer:
        if not labels:
            return self._data([])
        if labels[-1] not in self.index.namespaces or len(labels) > 4:
            return Answer(NXDOMAIN)
        if len(labels) == 1:
            return self._data([])
        key = (labels[-1], labels[-2])
        service = self.index.services.get(key)
        if service is None:
            return Answer(NXDOMAIN)
        rest = labels[:-2]
        if service.spec.type == "ExternalName":
            return self._external(service.spec.external_name or "") if not rest else Answer(NXDOMAIN)
        if not rest:
            return self._whole_service(key, service)
        if len(rest) == 2 and rest[0].startswith("_") and rest[1].startswith("_"):
            return self._ports(key, service, rest[0][1:], rest[1][1:])
        if len(rest) == 1 and not rest[0].startswith("_"):
            return self._endpoint(key, rest[0])
        if len(rest) == 1 and rest[0] in ("_tcp", "_udp", "_sctp"):
            return self._data([])  # port names may be below
        return Answer(NXDOMAIN)

    def _external(self, target: str) -> Answer:
        name = target.rstrip(".").lower()
        if not name:
            return self._data([])
        return Answer(records=[Record(self.name, "CNAME", name)], alias=name if self.qtype != "CNAME" else "")

    def _endpoint(self, key: Key, name: str) -> Answer:
        ips = [target.ip for target in self.index.targets(key) if target.name == name]
        return self._data(self._addresses(ips)) if ips else Answer(NXDOMAIN)

    def _whole_service(self, key: Key, service: Any) -> Answer:
        if self.qtype == "SRV":
            return self._ports(key, service, "", "")
        ips = cluster_ips(service)
        if not ips:
            ips = [target.ip for target in self.index.targets(key)]
            if not ips:
                return Answer(NXDOMAIN)  # as coredns: a headless Service without endpoints is no name
        return self._data(self._addresses(ips))

    def _ports(self, key: Key, service: Any, port: str, protocol: str) -> Answer:
        """SRV of one port (or of all, for empty names)."""
        base = f"{key[1]}.{key[0]}.svc.{self.zone}"
        ips = cluster_ips(service)
        if ips:
            numbers = [p.port for p in service.spec.ports if _fits(port, protocol, p.name, p.protocol)]
            weight = 100 // len(numbers) if numbers else 0
            records = [Record(self.name, "SRV", (0, weight, number, base)) for number in numbers]
            extra = self._addresses(ips, base)
        else:
            targets = self.index.targets(key)
            pairs = [(t, n) for t in targets for (name, proto, n) in t.ports if _fits(port, protocol, name, proto)]
            weight = max(1, 100 // len(pairs)) if pairs else 0
            records = [Record(self.name, "SRV", (0, weight, n, f"{t.name}.{base}")) for t, n in pairs]
            extra = _glue([t for t, _ in pairs], base)
        if not records:
            return Answer(NXDOMAIN)
        if self.qtype in ("A", "AAAA"):
            addresses = ips or [t.ip for t in self.index.targets(key)]
            return self._data(self._addresses(addresses))
        return self._data(records, extra)


def _fits(port: str, protocol: str, name: str | None, actual: str | None) -> bool:
    return (not port or port == (name or "").lower()) and (not protocol or protocol == (actual or "TCP").lower())


def _glue(targets: Sequence[Target], base: str) -> list[Record]:
    unique = dict.fromkeys((f"{t.name}.{base}", t.ip) for t in targets)
    return [Record(name, "AAAA" if ":" in ip else "A", ip) for name, ip in unique]
