"""The ``/etc/hosts`` that the kubelet manages for a Pod.

Pure text. May import: nothing of the project at run time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kajitori.api.core.v1 import HostAlias

HEADER = "# Kubernetes-managed hosts file.\n"
HOST_NETWORK_HEADER = "# Kubernetes-managed hosts file (host network).\n"
FIXED = (
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::0\tip6-localnet\n"
    "fe00::0\tip6-mcastprefix\n"
    "fe00::1\tip6-allnodes\n"
    "fe00::2\tip6-allrouters\n"
)


def aliases_text(aliases: Sequence[HostAlias]) -> str:
    """The part of ``spec.hostAliases``."""
    if not aliases:
        return ""
    rows = "".join(f"{alias.ip}\t{chr(9).join(alias.hostnames)}\n" for alias in aliases)
    return f"\n# Entries added by HostAliases.\n{rows}"


def pod_hosts(ips: Sequence[str], hostname: str, domain: str, aliases: Sequence[HostAlias]) -> str:
    """For a Pod with addresses of its own."""
    names = f"{hostname}.{domain}\t{hostname}" if domain else hostname
    return HEADER + FIXED + "".join(f"{ip}\t{names}\n" for ip in ips) + aliases_text(aliases)


def node_hosts(text: str, aliases: Sequence[HostAlias]) -> str:
    """For a Pod in the node's network: the node's own file first."""
    return HOST_NETWORK_HEADER + text + aliases_text(aliases)
