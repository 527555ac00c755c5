"""Checks of IP addresses and ranges, as upstream's lenient parsers read them. Each gives field errors; none raises.

May import: api.checks, machinery.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from kajitori.api.checks import Errors
from kajitori.machinery.fieldpath import Path, invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _without_zeros(text: str) -> str:
    """Upstream reads `010` in an old field as 10, which Python refuses to."""
    if ":" in text:
        return text
    return ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in text.split("."))


def parsed_ip(text: str) -> Address | None:
    """As upstream's lenient parser reads it; None for what is no address, one with a zone too."""
    try:
        return None if "%" in text else ipaddress.ip_address(_without_zeros(text))
    except ValueError:
        return None


def parsed_cidr(text: str) -> Network | None:
    """The range of addresses; host bits may be set, the length must be written."""
    address, slash, length = text.partition("/")
    if not slash or not length.isdigit() or not length.isascii() or "%" in text:
        return None
    try:
        return ipaddress.ip_network(f"{_without_zeros(address)}/{length}", strict=False)
    except ValueError:
        return None


def ip(path: Path, value: str) -> Errors:
    """IPv4 or IPv6."""
    if parsed_ip(value) is not None:
        return []
    return [invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]


def cidr(path: Path, value: str) -> Errors:
    """Host bits may be set; the length must be written."""
    if parsed_cidr(value) is not None:
        return []
    return [invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]


def is_dual_stack(values: Iterable[str], parse: Callable[[str], Address | Network | None]) -> bool:
    """Whether there is one of each family at least; what does not parse is told elsewhere."""
    return len({found.version for value in values if (found := parse(value)) is not None}) == 2


def ordinary_ip(path: Path, value: str) -> Errors:
    """No address that means this very host or link: those of Endpoints, and external ones of Services."""
    address = parsed_ip(value)
    if address is None:
        return [invalid(path, value, "must be a valid IP address")]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    errors: Errors = []
    if address.is_unspecified:
        errors.append(invalid(path, value, f"may not be unspecified ({value})"))
    if address.is_loopback:
        errors.append(invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
    if address in (_LINK_LOCAL[address.version]):
        errors.append(invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"))
    if address in (_LINK_LOCAL_MULTICAST[address.version]):
        errors.append(invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"))
    return errors


_LINK_LOCAL: dict[int, Network] = {
    4: ipaddress.IPv4Network("169.254.0.0/16"),
    6: ipaddress.IPv6Network("fe80::/10"),
}
_LINK_LOCAL_MULTICAST: dict[int, Network] = {
    4: ipaddress.IPv4Network("224.0.0.0/24"),
    6: ipaddress.IPv6Network("ff02::/16"),
}
