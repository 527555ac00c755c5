"""Kubernetes' IP and CIDR libraries. May import: cel.{overloads, types, values}."""

from __future__ import annotations

import ipaddress
import re
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
    bare, zone, _ = text.partition("%")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        why = "unable to parse IP"
        if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", text) and re.search(r"(^|\.)0[0-9]", text):
            why = "IPv4 field has octet with leading zero"
        message = f'IP Address "{text}" parse error during conversion from string: ParseAddr("{text}"): {why}'
        raise EvaluationError(message) from None
    if zone:
        raise EvaluationError(f'IP address "{text}" with zone value is not allowed')
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise EvaluationError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return IpValue(address)


@function("cidr", STRING, result=CIDR, cost=_READ)
def parse_cidr(text: str) -> CidrValue:
    """A range, as an address and a length."""
    address, slash, length = text.rpartition("/")
    if not slash:
        raise _no_prefix(text, "no '/'")
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise _no_prefix(text, f'ParseAddr("{address}"): unable to parse IP') from None
    if "%" in address:
        raise _no_prefix(text, "IPv6 zones cannot be present in a prefix")
    if not re.fullmatch("0|[1-9][0-9]*", length):
        raise _no_prefix(text, f'bad bits after slash: "{length}"')
    if int(length) > found.max_prefixlen:
        raise _no_prefix(text, "prefix length out of range")
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        raise EvaluationError(_PARSE_ERROR + f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return CidrValue(ipaddress.ip_interface(text))


_PARSE_ERROR = "network address parse error during conversion from string: "


def _no_prefix(text: str, why: str) -> EvaluationError:
    return EvaluationError(f'{_PARSE_ERROR}{_PARSE_ERROR}netip.ParsePrefix("{text}"): {why}')


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
    try:
        found = parse_ip(other) if isinstance(other, str) else other
    except EvaluationError:
        raise EvaluationError("no such overload") from None  # upstream loses the reason
    return found.address in value.interface.network


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
