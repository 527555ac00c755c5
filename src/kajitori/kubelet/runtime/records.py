"""What the runtime says there is: sandboxes and containers of a Pod as plain records, newest first.

Pure. May import: of the kubelet, `cri` (messages), `labels`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .. import labels
from ..cri import cri_pb2 as pb

State = Literal["created", "running", "exited", "unknown"]
STATES: tuple[State, ...] = ("created", "running", "exited", "unknown")


@dataclass(frozen=True, slots=True)
class SandboxRecord:
    """One sandbox of a Pod."""

    id: str
    attempt: int
    ready: bool
    created_at: int
    ips: tuple[str, ...] = ()
    host_network: bool = False


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """One incarnation of a container. Times are nanoseconds since the epoch, 0 if it has not come to that."""

    id: str
    sandbox_id: str
    name: str
    restart_count: int
    state: State
    image: str
    image_id: str
    created_at: int
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    hash: str = ""
    log_path: str = ""
    termination_path: str = ""
    termination_policy: str = ""
    grace_period_s: int = 30
    read_only_below: frozenset[str] = frozenset()
    """Mounts that are read-only all the way down, by their place in the container."""
    resources: tuple[int, int, int, int] | None = None  # shares, quota, period, memory limit

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def has_ended(self) -> bool:
        return self.state == "exited"


@dataclass(slots=True)
class PodRecord:
    """All that the runtime has of one Pod."""

    uid: str
    namespace: str = ""
    name: str = ""
    sandboxes: list[SandboxRecord] = field(default_factory=list)
    containers: list[ContainerRecord] = field(default_factory=list)

    def container(self, name: str) -> ContainerRecord | None:
        """The newest incarnation."""
        return next((c for c in self.containers if c.name == name), None)

    def incarnations(self, name: str) -> list[ContainerRecord]:
        """All that are left, newest first."""
        return [c for c in self.containers if c.name == name]

    @property
    def sandbox(self) -> SandboxRecord | None:
        """The newest sandbox."""
        return self.sandboxes[0] if self.sandboxes else None

    @property
    def ready_sandbox(self) -> SandboxRecord | None:
        """The newest sandbox, if it is ready."""
        return self.sandboxes[0] if self.sandboxes and self.sandboxes[0].ready else None

    @property
    def ips(self) -> tuple[str, ...]:
        """Addresses of the ready sandbox."""
        sandbox = self.ready_sandbox
        return sandbox.ips if sandbox else ()

    @property
    def running(self) -> list[ContainerRecord]:
        return [c for c in self.containers if c.is_running]


def sandbox_record(status: pb.PodSandboxStatus) -> SandboxRecord:
    """From the runtime's full status."""
    host = status.linux.namespaces.options.network == pb.NODE
    ips = tuple(ip for ip in (status.network.ip, *(a.ip for a in status.network.additional_ips)) if ip)
    return SandboxRecord(
        id=status.id,
        attempt=status.metadata.attempt,
        ready=status.state == pb.SANDBOX_READY,
        created_at=status.created_at,
        ips=() if host else ips,
        host_network=host,
    )


def container_record(status: pb.ContainerStatus, sandbox_id: str) -> ContainerRecord:
    """From the runtime's full status; what the kubelet noted at creation comes back from the annotations."""
    notes = status.annotations
    path = notes.get(labels.TERMINATION_PATH, "")
    mounted = next((m.host_path for m in status.mounts if path and m.container_path == path), "")
    limits = status.resources.linux if status.HasField("resources") else None
    return ContainerRecord(
        id=status.id,
        sandbox_id=sandbox_id,
        name=status.labels.get(labels.CONTAINER_NAME, status.metadata.name),
        restart_count=int(notes.get(labels.RESTART_COUNT, status.metadata.attempt)),
        state=STATES[status.state],
        image=status.image.image,
        image_id=status.image_ref or status.image_id,
        created_at=status.created_at,
        started_at=status.started_at,
        finished_at=status.finished_at,
        exit_code=status.exit_code,
        reason=status.reason,
        message=status.message,
        hash=notes.get(labels.CONTAINER_HASH, ""),
        log_path=status.log_path,
        termination_path=mounted,
        termination_policy=notes.get(labels.TERMINATION_POLICY, ""),
        grace_period_s=int(notes.get(labels.POD_GRACE_PERIOD, "30")),
        read_only_below=frozenset(m.container_path for m in status.mounts if m.recursive_read_only),
        resources=(limits.cpu_shares, limits.cpu_quota, limits.cpu_period, limits.memory_limit_in_bytes)
        if limits is not None
        else None,
    )
