"""The entries of the address book: IPAddresses that stand for Services' cluster IPs, and those that others have made.

May import: deps.
"""

from __future__ import annotations

from typing import Any

from kajitori.apiserver.deps import Reader

Object = dict[str, Any]
Key = tuple[str, str]
"""Namespace and name of a Service."""
GROUP, PLURAL = "networking.k8s.io", "ipaddresses"
FAMILY, MANAGER = "ipaddress.kubernetes.io/ip-family", "ipaddress.kubernetes.io/managed-by"
ME = "ipallocator.k8s.io"


def entry(address: str, key: Key) -> Object:
    """The IPAddress of a Service's cluster IP."""
    namespace, name = key
    labels = {FAMILY: "IPv6" if ":" in address else "IPv4", MANAGER: ME}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "IPAddress",
        "metadata": {"name": address, "labels": labels},
        "spec": {"parentRef": {"resource": "services", "namespace": namespace, "name": name}},
    }


def owner(address: Object) -> Key:
    """The Service that an IPAddress of the book names."""
    parent = (address.get("spec") or {}).get("parentRef") or {}
    return parent.get("namespace") or "", parent.get("name") or ""


def is_managed(address: Object) -> bool:
    """Whether it is of the book."""
    return ((address["metadata"].get("labels") or {}).get(MANAGER)) == ME


def held(reader: Reader, address: str) -> bool:
    """Whether somebody keeps an address from Services."""
    found = reader.get(GROUP, PLURAL, "", address)
    return found is not None and not is_managed(found)
