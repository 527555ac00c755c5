"""Starting one container: image, environment, mounts, create, start, postStart. Each way to fail has upstream's reason.

May import: api, machinery; of the kubelet `environment`, `images`, `interfaces`, `labels`, `pods`, `runtime`,
`worker.*`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.services import completed
from kajitori.machinery.errors import StatusError

from ..cri import cri_pb2 as pb
from ..environment.expansion import expand_strictly
from ..images.manager import ImageError, PresentImage
from ..interfaces import ConfigError, CRIError, ObjectSource
from ..pods import is_static
from ..runtime.container import (
    DEFAULT_TERMINATION_PATH,
    Bind,
    ContainerInputs,
    bind_of,
    container_config,
    recursive_read_only,
)
from ..runtime.features import NO_FEATURES, HandlerFeatures
from ..runtime.records import PodRecord
from ..runtime.resources import container_resources
from ..runtime.sandbox import log_directory
from ..runtime.security import container_security, is_privileged, verify_non_root
from . import files
from .context import Context
from .hooks import HookFailed, run_hook

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, VolumeMount


@dataclass(frozen=True, kw_only=True)
class StartInputs:
    """What all containers of one Pod start from."""

    pod: Pod
    record: PodRecord
    sandbox_id: str
    sandbox: pb.PodSandboxConfig
    ips: Sequence[str]
    volumes: Mapping[str, str]
    handler: HandlerFeatures = NO_FEATURES
    pull_secrets: Sequence[tuple[str, Mapping[str, str]]]


class StaticPodSource:
    """A source that never waits for Services: the API server itself may be the static pod that is starting."""

    def __init__(self, source: ObjectSource) -> None:
        self._source = source
        self.config_map, self.secret, self.services = source.config_map, source.secret, source.services
        self.runtime_handler, self.follow, self.unfollow = source.runtime_handler, source.follow, source.unfollow

    def services_synced(self) -> bool:
        return True


def field_path(pod: Pod, container: Container) -> str:
    """``spec.containers{name}``: which part of the Pod an event is about."""
    for field, items in (
        ("containers", pod.spec.containers),
        ("initContainers", pod.spec.init_containers),
        ("ephemeralContainers", pod.spec.ephemeral_containers),
    ):
        if any(c.name == container.name for c in items):
            return f"spec.{field}{{{container.name}}}"
    return ""


async def pull_secrets_of(pod: Pod, ctx: Context) -> list[tuple[str, Mapping[str, str]]]:
    """The Pod's image pull secrets that exist: (type, data)."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for ref in pod.spec.image_pull_secrets:
        if not ref.name:
            continue
        try:
            secret = await ctx.source.secret(pod.metadata.namespace or "", ref.name)
        except StatusError:
            names = ref.name
            ctx.recorder.event(
                pod,
                "Warning",
                "FailedToRetrieveImagePullSecret",
                f"Unable to retrieve some image pull secrets ({names}); attempting to pull the image may not succeed.",
            )
            continue
        found.append((secret.type or "", secret.data))
    return found


async def start_container(ctx: Context, inputs: StartInputs, container: Container) -> str:
    """The ID of the running container; raises `ConfigError` whose reason the status shows."""
    pod = inputs.pod
    path = field_path(pod, container)

    def event(kind: str, reason: str, message: str) -> None:
        ctx.recorder.event(pod, kind, reason, message, field_path=path)

    try:
        image = await ctx.images.ensure(
            pod, container, field_path=path, secrets=inputs.pull_secrets, sandbox=inputs.sandbox
        )
    except ImageError as error:
        event("Warning", "Failed", f"Error: {error.reason}")
        raise
    try:
        config = await _configure(ctx, inputs, container, image)
    except ConfigError as error:
        event("Warning", "Failed", f"Error: {error}")
        raise
    try:
        container_id = await ctx.runtime.cri.create_container(inputs.sandbox_id, config, inputs.sandbox)
    except CRIError as error:
        event("Warning", "Failed", f"Error: {error.detail}")
        raise ConfigError(error.detail, "CreateContainerError") from error
    ctx.note_ids(pod.metadata.uid or "", [container_id])
    event("Normal", "Created", f"Created container: {container.name}")
    try:
        # Cut short, it would end with an error of its own.
        await completed(ctx.runtime.cri.start_container(container_id))
    except CRIError as error:
        event("Warning", "Failed", f"Error: {error.detail}")
        raise ConfigError(error.detail, "RunContainerError") from error
    started = await ctx.runtime.container(container_id, inputs.sandbox_id)
    if started is not None:  # who reads the event may exec into the container at once: it has to be known by then
        inputs.record.containers.insert(0, started)
    event("Normal", "Started", f"Started container {container.name}")
    log_path = f"{log_directory(pod, ctx.facts.logs_root)}/{config.log_path}"
    files.link_log(pod, container.name or "", container_id, log_path, ctx.facts)
    await _post_start(ctx, inputs, container, container_id, event)
    return container_id


async def _post_start(ctx: Context, inputs: StartInputs, container: Container, container_id: str, event: Any) -> None:
    if container.lifecycle is None or container.lifecycle.post_start is None:
        return
    ip = inputs.ips[0] if inputs.ips else ""
    try:
        await run_hook(container.lifecycle.post_start, container, container_id, ip, ctx.runtime)
    except HookFailed as error:
        event("Warning", "FailedPostStartHook", "PostStartHook failed")
        event("Normal", "Killing", "FailedPostStartHook")
        grace = inputs.pod.spec.termination_grace_period_seconds
        await ctx.runtime.cri.stop_container(container_id, 30 if grace is None else max(2, int(grace)))
        raise ConfigError(str(error), "PostStartHookError") from error


async def _configure(
    ctx: Context, inputs: StartInputs, container: Container, image: PresentImage
) -> pb.ContainerConfig:
    pod, facts = inputs.pod, ctx.facts
    newest = inputs.record.container(container.name or "")
    attempt = newest.restart_count + 1 if newest else files.last_attempt(pod, container.name or "", facts) + 1
    env = await ctx.environment(
        pod,
        container,
        pod_ips=inputs.ips,
        host_ip=facts.host_ips[0] if facts.host_ips else "",
        source=StaticPodSource(ctx.source) if is_static(pod) else ctx.source,
        node_name=facts.node_name,
        allocatable=facts.allocatable,
    )
    verify_non_root(pod, container, image.user)
    known = dict(env)
    binds = await _binds(ctx, inputs, container, known)
    return container_config(
        pod,
        container,
        ContainerInputs(
            attempt=attempt,
            image_ref=image.ref,
            env=env,
            command=[ctx.expand(word, known) for word in container.command],
            args=[ctx.expand(word, known) for word in container.args],
            binds=binds,
            resources=container_resources(
                pod,
                container,
                memory_capacity=facts.memory_capacity,
                cgroup_v2=ctx.cgroups.is_v2,
                enforce_quota=facts.enforce_cpu_quota,
            ),
            security=container_security(
                pod,
                container,
                image_user=image.user,
                seccomp_root=facts.seccomp_root,
                seccomp_default=facts.seccomp_default,
                target_id=_target_id(inputs.record, container),
            ),
        ),
    )


def _target_id(record: PodRecord, container: Container) -> str:
    """The running container that an ephemeral one looks into; raises `ConfigError`."""
    name = getattr(container, "target_container_name", None)
    if not name:
        return ""
    target = record.container(name)
    if target is None:
        raise ConfigError(f"unable to find target container {name}")
    return target.id


def _sub_path(mount: VolumeMount, env: Mapping[str, str]) -> str:
    """The path inside the volume; raises `ConfigError` if a variable has no value, or the path leaves the volume."""
    if not mount.sub_path_expr:
        return mount.sub_path or ""
    try:
        path = expand_strictly(mount.sub_path_expr, env)
    except KeyError as error:
        raise ConfigError(f"missing value for {', '.join(error.args)}") from error
    if path.startswith("/"):
        raise ConfigError(f"error SubPath `{path}` must not be an absolute path")
    if ".." in path.split("/"):
        raise ConfigError(f"unable to provision SubPath `{path}`: must not contain '..'")
    return path


async def _binds(ctx: Context, inputs: StartInputs, container: Container, env: Mapping[str, str]) -> list[Bind]:
    pod = inputs.pod
    binds: list[Bind] = []
    for index, mount in enumerate(container.volume_mounts):
        host_path = inputs.volumes.get(mount.name or "")
        if host_path is None:
            raise ConfigError(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
        sub_path = _sub_path(mount, env)
        if sub_path:
            host_path = await ctx.volumes.sub_path(pod, container, index, host_path, sub_path)
        if mount.mount_propagation == "Bidirectional" and not is_privileged(container):
            raise ConfigError(
                f"Bidirectional mount propagation is available only to privileged containers: {mount.name}"
            )
        recursive = recursive_read_only(mount, supported=inputs.handler.recursive_read_only_mounts)
        binds.append(bind_of(mount, host_path, recursive=recursive))
    targets = {bind.container_path.rstrip("/") for bind in binds}
    if "/etc/hosts" not in targets and (not pod.spec.host_network or pod.spec.host_aliases):
        binds.append(Bind(files.write_hosts(pod, ctx.facts, inputs.ips), "/etc/hosts"))
    last_words = container.termination_message_path or DEFAULT_TERMINATION_PATH
    if last_words not in targets:
        binds.append(Bind(files.make_termination_file(pod, container.name or "", ctx.facts), last_words))
    return binds
