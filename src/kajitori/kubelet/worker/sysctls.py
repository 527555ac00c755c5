"""Which kernel settings a Pod may make: those that stay inside its own namespaces and hurt nobody else, and those that
the kubelet's configuration allows besides (`allowedUnsafeSysctls`, names or prefixes that end with `*`).

Pure. May import: nothing of ours but types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

SAFE = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    )
)
OF_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
OF_NETWORK = ("net.",)


def normalized(name: str) -> str:
    """Dots between the parts, slashes inside them: whichever separator comes first decides how it was written."""
    first = next((char for char in name if char in "./"), "")
    return name.translate(str.maketrans("./", "/.")) if first == "/" else name


def namespace_of(name: str) -> str:
    """``ipc``, ``net``, or empty for a setting of the whole node."""
    if normalized(name).startswith(OF_IPC):
        return "ipc"
    return "net" if normalized(name).startswith(OF_NETWORK) else ""


def is_allowed(name: str, unsafe: Iterable[str]) -> bool:
    """Safe, or named by the configuration."""
    plain = normalized(name)
    patterns = [normalized(pattern) for pattern in unsafe]
    return plain in SAFE or any(
        plain.startswith(pattern[:-1]) if pattern.endswith("*") else plain == pattern for pattern in patterns
    )


def forbidden_sysctl(pod: Pod, unsafe: Sequence[str]) -> tuple[str, str] | None:
    """(reason, message) if the Pod wants one that it must not have."""
    context = pod.spec.security_context
    for setting in context.sysctls if context is not None else ():
        name = setting.name or ""
        namespace = namespace_of(name)
        if not is_allowed(name, unsafe):
            return "SysctlForbidden", f'forbidden sysctl: "{normalized(name)}" not allowlisted'
        if (namespace == "net" and pod.spec.host_network) or (namespace == "ipc" and pod.spec.host_ipc):
            text = f'forbidden sysctl: "{normalized(name)}" not allowed with host {namespace} enabled'
            return "SysctlForbidden", text
    return None
