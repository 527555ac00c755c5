"""What a pod worker works with: the node's facts and the services it calls.

May import: of the kubelet `cgroups`, `images`, `interfaces`, `runtime`, `worker.crashloop`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from kajitori.aiokit.clock import Clock

from ..cgroups import Cgroups
from ..images.manager import ImageManager, Recorder
from ..interfaces import BuildEnvironment, ObjectSource, Probes, Volumes
from ..runtime.dns import ResolvConf
from ..runtime.features import RuntimeFeatures
from ..runtime.runtime import Runtime
from .crashloop import CrashLoop

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Node, Pod, PodStatus


@dataclass(kw_only=True)
class NodeFacts:
    """What is true of the node as a whole."""

    node_name: str
    root_dir: str
    logs_root: str = "/var/log/pods"
    container_logs: str = "/var/log/containers"
    host_ips: Sequence[str] = ()
    cluster_dns: Sequence[str] = ()
    cluster_domain: str = "cluster.local"
    host_resolv: ResolvConf = field(default_factory=ResolvConf)
    memory_capacity: int = 0
    allocatable: Mapping[str, str] = field(default_factory=dict)
    seccomp_default: bool = False
    enforce_cpu_quota: bool = True
    allowed_unsafe_sysctls: Sequence[str] = ()
    runtime_name: str = "containerd"

    @property
    def seccomp_root(self) -> str:
        return f"{self.root_dir}/seccomp"

    def pod_dir(self, uid: str) -> str:
        """The kubelet's own directory for a Pod."""
        return f"{self.root_dir}/pods/{uid}"


class StatusSink(Protocol):
    """Takes each new status (kubelet/status/manager)."""

    def set(self, pod: Pod, status: PodStatus) -> None: ...

    def terminated(self, pod: Pod) -> None:
        """Nothing of the Pod runs or is mounted any more: if it is being deleted, its object may go."""


async def _nothing() -> None:
    return None


@dataclass(kw_only=True)
class Context:
    """One for all workers."""

    facts: NodeFacts
    runtime: Runtime
    images: ImageManager
    volumes: Volumes
    environment: BuildEnvironment
    expand: Callable[[str, Mapping[str, str]], str]
    source: ObjectSource
    probes: Probes
    recorder: Recorder
    cgroups: Cgroups
    clock: Clock
    status: StatusSink
    crashes: CrashLoop
    critical_crashes: CrashLoop = field(default_factory=CrashLoop.critical)
    network_error: Callable[[], str] = lambda: ""
    """Why Pods with a network of their own cannot start; empty if they can."""
    node: Callable[[], Node | None] = lambda: None
    """The node's object as last seen; None while it is not registered."""
    fresh_node: Callable[[], Awaitable[Node | None]] = _nothing
    """The node's object as it is now; None if that cannot be told."""
    features: Callable[[], RuntimeFeatures] = RuntimeFeatures
    """What the runtime can do."""
    pods_beside: Callable[[str], Sequence[Pod]] = lambda _uid: ()
    """The other Pods that take room on the node."""
    note_ids: Callable[[str, Sequence[str]], None] = lambda _uid, _ids: None
    """Told which runtime IDs belong to a Pod, so that events find its worker."""
