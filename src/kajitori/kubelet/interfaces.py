"""The seams inside the kubelet: what its core (runtime, pod workers, status) and its edges (volumes, environment,
probes, server) promise each other.

Core implements `ContainerRuntime` and `PodProvider`; the edges implement `Volumes`, `BuildEnvironment` and `Probes`.
Only types live here. May import: api, machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, ContainerStatus, Pod, Service


# ---------------------------------------------------------------------------------------------------------------------
# Errors that cross the seam. Their text is what the user reads in an Event or a container's waiting message.


class VolumeError(Exception):
    """A volume cannot be mounted (yet). ``str()`` is the message of the Warning ``FailedMount`` event, e.g.
    ``MountVolume.SetUp failed for volume "x" : configmap "y" not found``."""


class ConfigError(Exception):
    """A container cannot be configured (yet): ``waiting.reason`` is ``reason``, ``waiting.message`` is ``str()``.

    The environment raises it as ``configmap "x" not found``, ``couldn't find key k in ConfigMap ns/x`` and so on.
    """

    def __init__(self, message: str, reason: str = "CreateContainerConfigError") -> None:
        super().__init__(message)
        self.reason = reason


class CRIError(Exception):
    """The container runtime refused or failed. ``code`` is the gRPC status code's name (``NOT_FOUND``), ``str()`` its
    detail, worded as upstream prints it: ``rpc error: code = NotFound desc = …``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {detail}")
        self.code, self.detail = code, detail


class ExecTimeout(Exception):
    """The command did not end in the time given."""


# ---------------------------------------------------------------------------------------------------------------------
# Core → edges


@dataclass(frozen=True)
class ExecResult:
    """What a command inside a container answered."""

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""


@dataclass(frozen=True)
class ContainerUsage:
    """Cumulative and momentary use of one container (or of a whole sandbox: ``name`` empty)."""

    name: str
    timestamp_ns: int
    cpu_ns: int
    working_set_bytes: int
    usage_bytes: int = 0
    rss_bytes: int = 0
    page_faults: int = 0
    major_page_faults: int = 0
    started_at_ns: int = 0
    rootfs_used_bytes: int = 0
    rootfs_inodes_used: int = 0


class ContainerRuntime(Protocol):
    """What the edges need of the runtime (kubelet/runtime implements it over CRI)."""

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout_s: float) -> ExecResult:
        """Run a command to its end; raises `ExecTimeout`, `CRIError`."""

    async def exec_url(
        self, container_id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str:
        """A URL of the runtime's SPDY streaming server, for one exec."""

    async def attach_url(self, container_id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str:
        """The same for attach."""

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """The same for port-forward."""

    async def container_usage(self) -> Mapping[str, ContainerUsage]:
        """container ID → its use, for all running containers."""

    async def image_fs_usage(self) -> tuple[str, int, int]:
        """(mount point, used bytes, used inodes) of the image store."""


@dataclass(frozen=True)
class RunningContainer:
    """The newest incarnation of one container of a Pod, as the runtime knows it now."""

    name: str
    id: str
    state: Literal["created", "running", "exited", "unknown"]
    restart_count: int = 0
    log_path: str = ""
    previous_log_path: str = ""


class PodProvider(Protocol):
    """What server and probes may ask about the Pods of this node."""

    def pods(self) -> list[Pod]:
        """Every Pod the kubelet works on (static ones included), status as last computed."""

    def pod(self, namespace: str, name: str) -> Pod | None:
        """One of them."""

    def container(self, pod_uid: str, container_name: str) -> RunningContainer | None:
        """The newest container of this name."""

    def containers(self, pod_uid: str) -> list[RunningContainer]:
        """All newest containers of a Pod."""

    def sandbox_id(self, pod_uid: str) -> str | None:
        """The Pod's newest sandbox."""


# ---------------------------------------------------------------------------------------------------------------------
# Edges → core


class ObjectSource(Protocol):
    """Where ConfigMaps, Secrets, tokens and Services come from. kubelet/volumes/sources.py implements it over the
    client (``ApiSource(client)``); without an API server every call raises ServiceUnavailable."""

    async def config_map(self, namespace: str, name: str) -> Any:
        """The ConfigMap; raises machinery.errors.NotFound."""

    async def secret(self, namespace: str, name: str) -> Any:
        """The Secret; raises NotFound."""

    async def runtime_handler(self, name: str) -> str:
        """The handler of a RuntimeClass; raises NotFound."""

    def follow(self, reference: tuple[str, str, str], changed: Callable[[tuple[str, str, str]], None]) -> None:
        """Watch a ("ConfigMap" | "Secret", namespace, name) and tell of every change, its first sight included."""

    def unfollow(self, reference: tuple[str, str, str], changed: Callable[[tuple[str, str, str]], None]) -> None:
        """End that. Idempotent."""

    def services(self) -> list[Service]:
        """All of them; `environment.visible_services` chooses those of a Pod's variables."""

    def services_synced(self) -> bool:
        """Whether `services` is complete."""


class Volumes(Protocol):
    """kubelet/volumes: ``VolumeManager(root_dir=…, source=…, node_name=…, client=…)``."""

    async def mount(self, pod: Pod) -> Mapping[str, str]:
        """Make every volume of the Pod ready; volume name → host path. Idempotent; raises `VolumeError`."""

    def update(self, pod: Pod) -> None:
        """A newer object of the Pod: downward API volumes follow its labels and annotations."""

    async def unmount(self, pod_uid: str) -> None:
        """Undo it: unmount tmpfs, subPath binds; remove ``pods/<uid>/volumes``. Idempotent, needs no Pod object."""

    async def sub_path(self, pod: Pod, container: Container, mount_index: int, host_path: str, sub_path: str) -> str:
        """Host path to bind for ``volumeMounts[mount_index]`` with a (already expanded) subPath; creates what is
        missing, refuses to leave the volume; raises `ConfigError`."""

    def orphans(self, wanted_uids: set[str]) -> list[str]:
        """UIDs that have a directory here but are not wanted."""

    async def run(self) -> None:
        """Keep configMap, secret, downwardAPI and projected volumes of mounted Pods current until cancelled."""


class BuildEnvironment(Protocol):
    """kubelet/environment: ``async def build(…)``. Raises `ConfigError`."""

    async def __call__(
        self,
        pod: Pod,
        container: Container,
        *,
        pod_ips: Sequence[str],
        host_ip: str,
        source: ObjectSource,
        node_name: str,
        allocatable: Mapping[str, str],
    ) -> list[tuple[str, str]]: ...


ProbeKind = Literal["startup", "readiness", "liveness"]


@dataclass(frozen=True)
class ProbeResult:
    """A probe crossed its threshold: ``ok`` is the new, debounced state; ``message`` is the failure's text."""

    pod_uid: str
    container: str
    container_id: str
    kind: ProbeKind
    ok: bool
    message: str = ""


class Probes(Protocol):
    """kubelet/probes: ``ProbeManager(runtime=…, recorder=…, on_result=…, clock=…)``.

    One worker per (pod, container, probe); a worker follows the container's ID as `update_status` tells it and starts
    its first check at once when the container starts (plus initialDelaySeconds). It emits the ``Unhealthy`` events.
    """

    def add_pod(self, pod: Pod) -> None:
        """Start workers for every container with probes (idempotent)."""

    def update_status(self, pod: Pod, statuses: Sequence[ContainerStatus], pod_ip: str) -> None:
        """What runs now: container IDs, states and the address to probe. Called after every change of status."""

    def stop_liveness_and_startup(self, pod_uid: str) -> None:
        """The Pod is terminating: only readiness goes on."""

    def remove_pod(self, pod_uid: str) -> None:
        """Stop its workers."""

    def is_ready(self, pod_uid: str, container: str) -> bool:
        """Readiness as probed; True if the container has no readiness probe."""

    def is_started(self, pod_uid: str, container: str) -> bool:
        """Startup as probed; True if there is no startup probe."""

    async def run(self) -> None:
        """Own the workers until cancelled."""


OnProbeResult = Callable[[ProbeResult], None]


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """kubelet/server: ``KubeletServer(config, runtime, pods, …)``, ``async run()``, ``async ready()``."""

    address: str = "0.0.0.0"
    port: int = 10250
    healthz_address: str = "127.0.0.1"
    healthz_port: int = 10248
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    client_ca_file: str = ""
    anonymous_auth: bool = False
    webhook_auth: bool = True
    always_allow: bool = False
    read_only_port: int = 0
    pod_logs_dir: str = "/var/log/pods"
    node_name: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
