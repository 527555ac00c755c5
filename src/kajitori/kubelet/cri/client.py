"""Typed calls to the runtime and image services of CRI v1, one method per RPC the kubelet uses.

Takes and returns protocol messages where they are passed on unchanged, plain values where that is all there is. Every
call has a timeout, so a hung runtime never hangs the kubelet for ever. May import: of the kubelet, `cri` and
`interfaces`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..interfaces import CRIError, ExecResult, ExecTimeout
from . import cri_pb2 as pb
from .channel import Channel

RUNTIME = "/runtime.v1.RuntimeService/"
IMAGE = "/runtime.v1.ImageService/"
CALL_TIMEOUT_S = 120.0
"""Upstream's --runtime-request-timeout default."""
SANDBOX_TIMEOUT_S = 240.0


class RuntimeClient:
    """``runtime.v1.RuntimeService``."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def version(self) -> pb.VersionResponse:
        """Name and version of the runtime."""
        return await self._channel.unary(
            RUNTIME + "Version", pb.VersionRequest(version="0.1.0"), pb.VersionResponse, timeout_s=CALL_TIMEOUT_S
        )

    async def status(self) -> pb.StatusResponse:
        """Its conditions (RuntimeReady and NetworkReady) and what it can do."""
        return await self._channel.unary(
            RUNTIME + "Status", pb.StatusRequest(), pb.StatusResponse, timeout_s=CALL_TIMEOUT_S
        )

    async def run_pod_sandbox(self, config: pb.PodSandboxConfig, handler: str = "") -> str:
        """Create and start a sandbox; its ID."""
        request = pb.RunPodSandboxRequest(config=config, runtime_handler=handler)
        answer = await self._channel.unary(
            RUNTIME + "RunPodSandbox", request, pb.RunPodSandboxResponse, timeout_s=SANDBOX_TIMEOUT_S
        )
        return answer.pod_sandbox_id

    async def stop_pod_sandbox(self, sandbox_id: str) -> None:
        """Stop it and give back its network. Idempotent."""
        request = pb.StopPodSandboxRequest(pod_sandbox_id=sandbox_id)
        try:
            await self._channel.unary(
                RUNTIME + "StopPodSandbox", request, pb.StopPodSandboxResponse, timeout_s=CALL_TIMEOUT_S
            )
        except CRIError as error:
            if error.code != "NotFound":
                raise

    async def remove_pod_sandbox(self, sandbox_id: str) -> None:
        """Remove it with all its containers. Idempotent."""
        request = pb.RemovePodSandboxRequest(pod_sandbox_id=sandbox_id)
        try:
            await self._channel.unary(
                RUNTIME + "RemovePodSandbox", request, pb.RemovePodSandboxResponse, timeout_s=CALL_TIMEOUT_S
            )
        except CRIError as error:
            if error.code != "NotFound":
                raise

    async def list_pod_sandboxes(self, labels: Mapping[str, str] | None = None) -> Sequence[pb.PodSandbox]:
        """Sandboxes having these labels."""
        request = pb.ListPodSandboxRequest(filter=pb.PodSandboxFilter(label_selector=labels or {}))
        answer = await self._channel.unary(
            RUNTIME + "ListPodSandbox", request, pb.ListPodSandboxResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.items

    async def pod_sandbox_status(self, sandbox_id: str) -> pb.PodSandboxStatus | None:
        """One sandbox, or None if it is gone."""
        request = pb.PodSandboxStatusRequest(pod_sandbox_id=sandbox_id)
        try:
            answer = await self._channel.unary(
                RUNTIME + "PodSandboxStatus", request, pb.PodSandboxStatusResponse, timeout_s=CALL_TIMEOUT_S
            )
        except CRIError as error:
            if error.code == "NotFound":
                return None
            raise
        return answer.status

    # Containers

    async def create_container(self, sandbox_id: str, config: pb.ContainerConfig, sandbox: pb.PodSandboxConfig) -> str:
        """Create a container in a sandbox; its ID."""
        request = pb.CreateContainerRequest(pod_sandbox_id=sandbox_id, config=config, sandbox_config=sandbox)
        answer = await self._channel.unary(
            RUNTIME + "CreateContainer", request, pb.CreateContainerResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.container_id

    async def start_container(self, container_id: str) -> None:
        """Start a created container."""
        request = pb.StartContainerRequest(container_id=container_id)
        await self._channel.unary(
            RUNTIME + "StartContainer", request, pb.StartContainerResponse, timeout_s=CALL_TIMEOUT_S
        )

    async def stop_container(self, container_id: str, grace_period_s: int) -> None:
        """SIGTERM (or the image's stop signal), then SIGKILL after the grace period. Idempotent."""
        request = pb.StopContainerRequest(container_id=container_id, timeout=grace_period_s)
        try:
            await self._channel.unary(
                RUNTIME + "StopContainer",
                request,
                pb.StopContainerResponse,
                timeout_s=CALL_TIMEOUT_S + grace_period_s,
            )
        except CRIError as error:
            if error.code != "NotFound":
                raise

    async def remove_container(self, container_id: str) -> None:
        """Remove a stopped container. Idempotent."""
        request = pb.RemoveContainerRequest(container_id=container_id)
        try:
            await self._channel.unary(
                RUNTIME + "RemoveContainer", request, pb.RemoveContainerResponse, timeout_s=CALL_TIMEOUT_S
            )
        except CRIError as error:
            if error.code != "NotFound":
                raise

    async def list_containers(self, labels: Mapping[str, str] | None = None) -> Sequence[pb.Container]:
        """Containers having these labels, in any state."""
        request = pb.ListContainersRequest(filter=pb.ContainerFilter(label_selector=labels or {}))
        answer = await self._channel.unary(
            RUNTIME + "ListContainers", request, pb.ListContainersResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.containers

    async def container_status(self, container_id: str) -> pb.ContainerStatus | None:
        """One container, or None if it is gone."""
        request = pb.ContainerStatusRequest(container_id=container_id)
        try:
            answer = await self._channel.unary(
                RUNTIME + "ContainerStatus", request, pb.ContainerStatusResponse, timeout_s=CALL_TIMEOUT_S
            )
        except CRIError as error:
            if error.code == "NotFound":
                return None
            raise
        return answer.status

    async def update_container_resources(self, container_id: str, resources: pb.LinuxContainerResources) -> None:
        """Change the limits of a running container."""
        request = pb.UpdateContainerResourcesRequest(container_id=container_id, linux=resources)
        await self._channel.unary(
            RUNTIME + "UpdateContainerResources",
            request,
            pb.UpdateContainerResourcesResponse,
            timeout_s=CALL_TIMEOUT_S,
        )

    async def reopen_container_log(self, container_id: str) -> None:
        """After the log file was renamed: go on in a new one."""
        request = pb.ReopenContainerLogRequest(container_id=container_id)
        await self._channel.unary(
            RUNTIME + "ReopenContainerLog", request, pb.ReopenContainerLogResponse, timeout_s=CALL_TIMEOUT_S
        )

    # Streams and statistics

    async def exec_sync(self, container_id: str, command: Sequence[str], timeout_s: float) -> ExecResult:
        """Run a command to its end (``timeout_s`` 0: as long as it takes); raises `ExecTimeout`."""
        request = pb.ExecSyncRequest(container_id=container_id, cmd=command, timeout=int(timeout_s))
        limit = timeout_s + CALL_TIMEOUT_S if timeout_s else None
        try:
            answer = await self._channel.unary(RUNTIME + "ExecSync", request, pb.ExecSyncResponse, timeout_s=limit)
        except CRIError as error:
            if error.code == "DeadlineExceeded":
                raise ExecTimeout(str(error)) from error
            raise
        return ExecResult(answer.exit_code, answer.stdout, answer.stderr)

    async def exec_url(
        self, container_id: str, command: Sequence[str], *, stdin: bool, stdout: bool, stderr: bool, tty: bool
    ) -> str:
        """Where to stream one exec."""
        request = pb.ExecRequest(
            container_id=container_id, cmd=command, tty=tty, stdin=stdin, stdout=stdout, stderr=stderr
        )
        answer = await self._channel.unary(RUNTIME + "Exec", request, pb.ExecResponse, timeout_s=CALL_TIMEOUT_S)
        return answer.url

    async def attach_url(self, container_id: str, *, stdin: bool, stdout: bool, stderr: bool, tty: bool) -> str:
        """Where to stream one attach."""
        request = pb.AttachRequest(container_id=container_id, stdin=stdin, tty=tty, stdout=stdout, stderr=stderr)
        answer = await self._channel.unary(RUNTIME + "Attach", request, pb.AttachResponse, timeout_s=CALL_TIMEOUT_S)
        return answer.url

    async def port_forward_url(self, sandbox_id: str, ports: Sequence[int]) -> str:
        """Where to stream one port-forward."""
        request = pb.PortForwardRequest(pod_sandbox_id=sandbox_id, port=ports)
        answer = await self._channel.unary(
            RUNTIME + "PortForward", request, pb.PortForwardResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.url

    async def list_container_stats(self) -> Sequence[pb.ContainerStats]:
        """Use of resources of every running container."""
        answer = await self._channel.unary(
            RUNTIME + "ListContainerStats",
            pb.ListContainerStatsRequest(),
            pb.ListContainerStatsResponse,
            timeout_s=CALL_TIMEOUT_S,
        )
        return answer.stats


class ImageClient:
    """``runtime.v1.ImageService``."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def list_images(self) -> Sequence[pb.Image]:
        """Every image the runtime has."""
        answer = await self._channel.unary(
            IMAGE + "ListImages", pb.ListImagesRequest(), pb.ListImagesResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.images

    async def image_status(self, image: str) -> pb.Image | None:
        """One image by name, digest or ID; None if it is not here."""
        request = pb.ImageStatusRequest(image=pb.ImageSpec(image=image))
        answer = await self._channel.unary(
            IMAGE + "ImageStatus", request, pb.ImageStatusResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.image if answer.HasField("image") and answer.image.id else None

    async def pull_image(self, image: str, auth: pb.AuthConfig | None, sandbox: pb.PodSandboxConfig | None) -> str:
        """Fetch an image; its reference. No timeout: progress is the runtime's to judge."""
        request = pb.PullImageRequest(image=pb.ImageSpec(image=image), auth=auth, sandbox_config=sandbox)
        answer = await self._channel.unary(IMAGE + "PullImage", request, pb.PullImageResponse)
        return answer.image_ref

    async def remove_image(self, image: str) -> None:
        """Delete an image. Idempotent."""
        request = pb.RemoveImageRequest(image=pb.ImageSpec(image=image))
        await self._channel.unary(IMAGE + "RemoveImage", request, pb.RemoveImageResponse, timeout_s=CALL_TIMEOUT_S)

    async def image_fs_info(self) -> Sequence[pb.FilesystemUsage]:
        """Where images are kept and how much they take."""
        answer = await self._channel.unary(
            IMAGE + "ImageFsInfo", pb.ImageFsInfoRequest(), pb.ImageFsInfoResponse, timeout_s=CALL_TIMEOUT_S
        )
        return answer.image_filesystems
