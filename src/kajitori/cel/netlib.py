"""Kubernetes' IP and CIDR libraries. May import: cel.{overloads, types, values}."""

from __future__ import annotations

import ipaddress
from typing import Any

from kajitori.cel.errors import EvaluationError
from kajitori.cel.overloads import Library, holds, traversal
from kajitori.cel.types import BOOL, INT, STRING, Type

LIBRARY = Library()
function, method = LIBRARY.function, LIBRARY.method
IP, CIDR = Type("net.IP"), Type("net.CIDR")
_READ = traversal(0)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface


class IpValue:
    """An address."""

    cel_type = "net.IP"
    __slots__ = ("address",)

    def __init__(self, address: Address) -> None:
        self.address = address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IpValue) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __str__(self) -> str:
        return str(self.address)


class CidrValue:
    """An address with a prefix length."""

    cel_type = "net.CIDR"
    __slots__ = ("interface",)

    def __init__(self, interface: Interface) -> None:
        self.interface = interface

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CidrValue) and self.interface == other.interface

    def __hash__(self) -> int:
        return hash(self.interface)

    def __str__(self) -> str:
        return str(self.interface)


@function("ip", STRING, result=IP, cost=_READ)
def parse_ip(text: str) -> IpValue:
    """An address; neither zones nor IPv4 inside IPv6."""
    try:
        if "%" in text:
            raise ValueError("zone")
        address = ipaddress.ip_address(text)
    except ValueError:
        message = (
            f'IP Address {text!r} parse error during conversion from string: ParseAddr("{text}"): unable to parse IP'
        )
        raise EvaluationError(message.replace("'", '"', 2)) from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise EvaluationError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return IpValue(address)


@function("cidr", STRING, result=CIDR, cost=_READ)
def parse_cidr(text: str) -> CidrValue:
    """A range, as an address and a length."""
    try:
        if "/" not in text or "%" in text:
            raise ValueError("no prefix")
        _, _, length = text.partition("/")
        if not length.isdigit() or (length.startswith("0") and length != "0"):
            raise ValueError("bad prefix")
        return CidrValue(ipaddress.ip_interface(text))
    except ValueError:
        message = (
            f'network address parse error during conversion from string: netip.ParsePrefix("{text}"): no such prefix'
        )
        raise EvaluationError(message) from None


function("isIP", STRING, result=BOOL, cost=_READ)(holds(parse_ip))
function("isCIDR", STRING, result=BOOL, cost=_READ)(holds(parse_cidr))
function("ip.isCanonical", STRING, result=BOOL, cost=_READ)(lambda text: str(parse_ip(text)) == text)
function("string", IP, result=STRING)(str)
function("string", CIDR, result=STRING)(str)
method("family", IP, result=INT)(lambda value: value.address.version)
method("isUnspecified", IP, result=BOOL)(lambda value: value.address.is_unspecified)
method("isLoopback", IP, result=BOOL)(lambda value: value.address.is_loopback)


@method("isLinkLocalMulticast", IP, result=BOOL)
def _link_local_multicast(value: IpValue) -> bool:
    packed = value.address.packed
    return packed[:3] == b"\xe0\x00\x00" if len(packed) == 4 else packed[0] == 0xFF and packed[1] & 0x0F == 2


method("isLinkLocalUnicast", IP, result=BOOL)(lambda value: value.address.is_link_local)


@method("isGlobalUnicast", IP, result=BOOL)
def _global_unicast(value: IpValue) -> bool:
    address = value.address
    broadcast = address.version == 4 and address == ipaddress.IPv4Address("255.255.255.255")
    return not (
        broadcast or address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    )


def _network(value: Any) -> Any:
    return (parse_cidr(value) if isinstance(value, str) else value).interface.network


def _contains_ip(value: CidrValue, other: Any) -> bool:
    return (parse_ip(other) if isinstance(other, str) else other).address in value.interface.network


def _contains_cidr(value: CidrValue, other: Any) -> bool:
    inner, outer = _network(other), value.interface.network
    return inner.version == outer.version and bool(inner.subnet_of(outer))


for _kind in (STRING, IP):
    method("containsIP", CIDR, _kind, result=BOOL)(_contains_ip)
for _kind in (STRING, CIDR):
    method("containsCIDR", CIDR, _kind, result=BOOL)(_contains_cidr)
method("ip", CIDR, result=IP)(lambda value: IpValue(value.interface.ip))
method("prefixLength", CIDR, result=INT)(lambda value: value.interface.network.prefixlen)


@method("masked", CIDR, result=CIDR)
def _masked(value: CidrValue) -> CidrValue:
    network = value.interface.network
    return CidrValue(ipaddress.ip_interface(f"{network.network_address}/{network.prefixlen}"))
