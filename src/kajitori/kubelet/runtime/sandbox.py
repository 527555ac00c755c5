"""The sandbox configuration of a Pod: name, hostname, DNS, ports on the node, cgroup, namespaces, sysctls.

Pure. May import: of the kubelet, `cri` (messages), `labels`, `pods`, `runtime.*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kajitori.api.core import v1

from .. import labels
from ..cri import cri_pb2 as pb
from ..pods import containers_of, is_sidecar
from . import security
from .dns import ResolvConf, message
from .resources import QUOTA_PERIOD_US, cpu_quota_us, cpu_shares, pod_limits

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

PROTOCOLS = {"TCP": pb.TCP, "UDP": pb.UDP, "SCTP": pb.SCTP}
MAX_HOSTNAME, MAX_FQDN = 63, 64


def hostname_of(pod: Pod) -> str:
    """``spec.hostname`` or the Pod's name, cut to what Linux takes."""
    name = pod.spec.hostname or pod.metadata.name or ""
    return name[:MAX_HOSTNAME].rstrip("-.") if len(name) > MAX_HOSTNAME else name


def domain_of(pod: Pod, cluster_domain: str) -> str:
    """The Pod's own domain, if it names a subdomain."""
    if not pod.spec.subdomain:
        return ""
    return f"{pod.spec.subdomain}.{pod.metadata.namespace}.svc.{cluster_domain}"


def kernel_hostname(pod: Pod, cluster_domain: str) -> str:
    """What the Pod's kernel calls itself: its hostname, or all of its domain name if it asks for that and has one."""
    domain = domain_of(pod, cluster_domain)
    return f"{hostname_of(pod)}.{domain}" if pod.spec.set_hostname_as_fqdn and domain else hostname_of(pod)


def hostname_error(pod: Pod, cluster_domain: str) -> str:
    """Why the kernel would not take the Pod's name; empty if it does."""
    name = kernel_hostname(pod, cluster_domain)
    if len(name) <= MAX_FQDN:
        return ""
    return (
        f"failed to construct FQDN from pod hostname and cluster domain, FQDN {name} is too long "
        f"({MAX_FQDN} characters is the max, {len(name)} characters requested)"
    )


def port_mappings(pod: Pod) -> list[pb.PortMapping]:
    """hostPorts of all long-running containers; a Pod in the node's network needs none."""
    if pod.spec.host_network:
        return []
    return [
        pb.PortMapping(
            protocol=PROTOCOLS[port.protocol or "TCP"],
            container_port=port.container_port,
            host_port=port.host_port,
            host_ip=port.host_ip or "",
        )
        for container in containers_of(pod)
        if is_sidecar(container) or container in pod.spec.containers
        for port in container.ports
        if port.host_port
    ]


def log_directory(pod: Pod, logs_root: str) -> str:
    """``/var/log/pods/NAMESPACE_NAME_UID``."""
    return f"{logs_root}/{pod.metadata.namespace}_{pod.metadata.name}_{pod.metadata.uid}"


def metadata_of(pod: Pod, attempt: int) -> pb.PodSandboxMetadata:
    """The sandbox's identity."""
    meta = pod.metadata
    return pb.PodSandboxMetadata(
        name=meta.name or "", namespace=meta.namespace or "", uid=meta.uid or "", attempt=attempt
    )


def sandbox_config(
    pod: Pod,
    *,
    attempt: int,
    dns: ResolvConf,
    cluster_domain: str = "",
    logs_root: str,
    cgroup_parent: str,
    seccomp_root: str,
) -> pb.PodSandboxConfig:
    """Everything the runtime has to know to make the sandbox."""
    meta = pod.metadata
    config = pb.PodSandboxConfig(
        metadata=metadata_of(pod, attempt),
        log_directory=log_directory(pod, logs_root),
        dns_config=message(dns),
        port_mappings=port_mappings(pod),
        labels={
            **(meta.labels or {}),
            labels.POD_NAME: meta.name or "",
            labels.POD_NAMESPACE: meta.namespace or "",
            labels.POD_UID: meta.uid or "",
        },
        annotations=dict(meta.annotations or {}),
    )
    if not pod.spec.host_network:
        config.hostname = kernel_hostname(pod, cluster_domain)
    context = pod.spec.security_context
    config.linux.cgroup_parent = cgroup_parent
    if context is not None:
        config.linux.sysctls.update({s.name or "": s.value or "" for s in context.sysctls})
    config.linux.security_context.CopyFrom(_security(pod, seccomp_root))
    config.linux.resources.CopyFrom(_resources(pod))
    return config


def _security(pod: Pod, seccomp_root: str) -> pb.LinuxSandboxSecurityContext:
    """What the Pod as a whole may, and as whom."""
    context = pod.spec.security_context or v1.PodSecurityContext()
    made = pb.LinuxSandboxSecurityContext(
        namespace_options=security.namespaces(pod),
        supplemental_groups=security.supplemental_groups(pod),
        supplemental_groups_policy=security.groups_policy(pod),
        privileged=any(security.is_privileged(c) for c in containers_of(pod)),
        selinux_options=security.selinux(context.se_linux_options),
        seccomp=security.seccomp(context.seccomp_profile, seccomp_root, default_runtime=True),
    )
    if context.run_as_user is not None:
        made.run_as_user.value = int(context.run_as_user)
    if context.run_as_group is not None:
        made.run_as_group.value = int(context.run_as_group)
    return made


def _resources(pod: Pod) -> pb.LinuxContainerResources:
    request, limit, memory = pod_limits(pod)
    return pb.LinuxContainerResources(
        cpu_shares=cpu_shares(request),
        cpu_period=QUOTA_PERIOD_US,
        cpu_quota=cpu_quota_us(limit),
        memory_limit_in_bytes=memory,
    )
