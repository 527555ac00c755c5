"""The configuration of one container: image, command, environment, mounts, limits, security.

`container_config` is pure; the files and directories that it names are made by `runtime.files`.
May import: of the kubelet, `cri` (messages), `interfaces`, `labels`, `pods`, `runtime.*`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kajitori.api import schema

from .. import labels
from ..cri import cri_pb2 as pb
from ..interfaces import ConfigError
from ..pods import grace_period_s

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, VolumeMount

DEFAULT_TERMINATION_PATH = "/dev/termination-log"
PROPAGATION = {
    "Bidirectional": pb.PROPAGATION_BIDIRECTIONAL,
    "HostToContainer": pb.PROPAGATION_HOST_TO_CONTAINER,
    "None": pb.PROPAGATION_PRIVATE,
}


@dataclass(frozen=True)
class Bind:
    """A host path inside the container."""

    host_path: str
    container_path: str
    readonly: bool = False
    propagation: str = "None"
    recursive_readonly: bool = False


@dataclass(frozen=True, kw_only=True)
class ContainerInputs:
    """What was prepared for a container before its configuration can be written down."""

    attempt: int
    image_ref: str
    env: Sequence[tuple[str, str]]
    command: Sequence[str]
    args: Sequence[str]
    binds: Sequence[Bind]
    resources: pb.LinuxContainerResources
    security: pb.LinuxContainerSecurityContext
    devices: Sequence[pb.Device] = ()


def container_hash(container: Container) -> str:
    """Changes when a running container has to be replaced: upstream hashes its name and image only, so that a new
    version of the kubelet with more fields restarts nothing."""
    return f"{zlib.crc32(json.dumps([container.name, container.image]).encode()):x}"


def recursive_read_only(mount: VolumeMount, *, supported: bool) -> bool:
    """Whether what is mounted below the volume is read-only too; raises `ConfigError` if it must be and cannot."""
    mode = mount.recursive_read_only or "Disabled"
    if mode == "Disabled" or (mode == "IfPossible" and not supported):
        return False
    if not supported:
        text = f'volume "{mount.name}" requested recursive read-only mode, but it is not supported by the runtime'
        raise ConfigError(f"failed to resolve recursive read-only mode: {text}")
    return bool(mount.read_only)


def bind_of(mount: VolumeMount, host_path: str, *, recursive: bool = False) -> Bind:
    """One volumeMount."""
    target = mount.mount_path or ""
    return Bind(
        host_path=host_path,
        container_path=target if target.startswith("/") else f"/{target}",
        readonly=bool(mount.read_only),
        propagation=mount.mount_propagation or "None",
        recursive_readonly=recursive,
    )


def annotations_of(pod: Pod, container: Container, attempt: int) -> dict[str, str]:
    """Notes to our later self."""
    notes = {
        labels.CONTAINER_HASH: container_hash(container),
        labels.RESTART_COUNT: str(attempt),
        labels.TERMINATION_PATH: container.termination_message_path or DEFAULT_TERMINATION_PATH,
        labels.TERMINATION_POLICY: container.termination_message_policy or "File",
        labels.POD_GRACE_PERIOD: str(grace_period_s(pod)),
    }
    if container.lifecycle is not None and container.lifecycle.pre_stop is not None:
        notes[labels.PRE_STOP] = json.dumps(schema.to_wire(container.lifecycle.pre_stop), separators=(",", ":"))
    return notes


def labels_of(pod: Pod, container: Container) -> dict[str, str]:
    """How the container is found again."""
    meta = pod.metadata
    return {
        labels.CONTAINER_NAME: container.name or "",
        labels.POD_NAME: meta.name or "",
        labels.POD_NAMESPACE: meta.namespace or "",
        labels.POD_UID: meta.uid or "",
    }


def container_config(pod: Pod, container: Container, inputs: ContainerInputs) -> pb.ContainerConfig:
    """All of it."""
    return pb.ContainerConfig(
        metadata=pb.ContainerMetadata(name=container.name or "", attempt=inputs.attempt),
        image=pb.ImageSpec(image=inputs.image_ref),
        command=inputs.command,
        args=inputs.args,
        working_dir=container.working_dir or "",
        envs=[pb.KeyValue(key=name, value=value) for name, value in inputs.env],
        mounts=[
            pb.Mount(
                container_path=bind.container_path,
                host_path=bind.host_path,
                readonly=bind.readonly,
                propagation=PROPAGATION[bind.propagation],
                recursive_read_only=bind.recursive_readonly,
            )
            for bind in inputs.binds
        ],
        devices=inputs.devices,
        labels=labels_of(pod, container),
        annotations=annotations_of(pod, container, inputs.attempt),
        log_path=f"{container.name}/{inputs.attempt}.log",
        stdin=bool(container.stdin),
        stdin_once=bool(container.stdin_once),
        tty=bool(container.tty),
        linux=pb.LinuxContainerConfig(resources=inputs.resources, security_context=inputs.security),
    )
