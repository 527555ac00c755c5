"""Sees to it that a container's image is there: pull policy, bounded parallel pulls, back-off, events as upstream's.

May import: api, machinery, aiokit; of the kubelet `cri`, `interfaces`, `pods`, `images.*`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kajitori.aiokit.clock import Clock
from kajitori.machinery.times import format_go_duration

from ..cri import cri_pb2 as pb
from ..cri.client import ImageClient
from ..interfaces import ConfigError, CRIError
from ..pods import pull_policy
from .credentials import for_image
from .names import InvalidImageName, with_default_tag

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod

INITIAL_BACKOFF_S, MAX_BACKOFF_S = 10.0, 300.0
MAX_PARALLEL_PULLS = 4
Tell = Callable[[str, str, str], None]
"""Records an event (type, reason, message) about the container."""


class Recorder(Protocol):
    """Where events go: about a Pod, or about one of its containers."""

    def event(self, obj: Any, kind: str, reason: str, message: str, *, field_path: str = "") -> None: ...


class ImageError(ConfigError):
    """No image (yet). ``retry_in_s`` says when to ask again."""

    def __init__(self, reason: str, message: str, retry_in_s: float = MAX_BACKOFF_S) -> None:
        super().__init__(message, reason)
        self.retry_in_s = retry_in_s


@dataclass(frozen=True)
class PresentImage:
    """An image that is here: the reference to start a container from, and the user its configuration names."""

    ref: str
    user: str


@dataclass
class _Failure:
    until_s: float
    delay_s: float
    message: str


class ImageManager:
    """One for the node."""

    def __init__(
        self,
        images: ImageClient,
        recorder: Recorder,
        clock: Clock,
        *,
        max_parallel: int = MAX_PARALLEL_PULLS,
        initial_backoff_s: float = INITIAL_BACKOFF_S,
    ) -> None:
        self._images, self._recorder, self._clock = images, recorder, clock
        self._slots = asyncio.Semaphore(max_parallel)
        self._failures: dict[tuple[str, str], _Failure] = {}
        self._initial_backoff_s = initial_backoff_s

    async def ensure(
        self,
        pod: Pod,
        container: Container,
        *,
        field_path: str,
        secrets: Sequence[tuple[str, Mapping[str, str]]] = (),
        sandbox: pb.PodSandboxConfig | None = None,
    ) -> PresentImage:
        """The image, pulled if its policy asks for that; raises `ImageError`."""

        def event(kind: str, reason: str, message: str) -> None:
            self._recorder.event(pod, kind, reason, message, field_path=field_path)

        wanted = container.image or ""
        try:
            name = with_default_tag(wanted)
        except InvalidImageName as error:
            message = f'Failed to apply default image tag "{wanted}": {error}'
            event("Warning", "InspectFailed", message)
            raise ImageError("InvalidImageName", message) from error
        policy = pull_policy(container)
        present = None if policy == "Always" else await self._inspect(name)
        if present is not None:
            event("Normal", "Pulled", f'Container image "{wanted}" already present on machine')
            return present
        if policy == "Never":
            message = f'Container image "{wanted}" is not present with pull policy of Never'
            event("Warning", "ErrImageNeverPull", message)
            raise ImageError("ErrImageNeverPull", message)
        key = (pod.metadata.uid or "", name)
        self._check_backoff(key, wanted, event)
        event("Normal", "Pulling", f'Pulling image "{wanted}"')
        try:
            image = await self._pull(name, secrets, sandbox, wanted, event)
        except CRIError as error:
            event("Warning", "Failed", f'Failed to pull image "{wanted}": {error}')
            self._note_failure(key, error)
            raise ImageError("ErrImagePull", str(error), 0.0) from error
        self._failures.pop(key, None)
        return image

    def _check_backoff(self, key: tuple[str, str], wanted: str, event: Tell) -> None:
        """Raises `ImageError` where it is too early for another try."""
        failure = self._failures.get(key)
        left = failure.until_s - self._clock.monotonic() if failure is not None else 0.0
        if failure is not None and left > 0:
            message = f'Back-off pulling image "{wanted}"'
            event("Normal", "BackOff", message)
            raise ImageError("ImagePullBackOff", f"{message}: ErrImagePull: {failure.message}", left)

    def _note_failure(self, key: tuple[str, str], error: CRIError) -> None:
        failure = self._failures.get(key)
        delay = min(failure.delay_s * 2, MAX_BACKOFF_S) if failure is not None else self._initial_backoff_s
        self._failures[key] = _Failure(self._clock.monotonic() + delay, delay, str(error))

    async def _inspect(self, name: str) -> PresentImage | None:
        status = await self._images.image_status(name)
        return None if status is None else PresentImage(status.id, _user_of(status))

    async def _pull(
        self,
        name: str,
        secrets: Sequence[tuple[str, Mapping[str, str]]],
        sandbox: pb.PodSandboxConfig | None,
        wanted: str,
        event: Tell,
    ) -> PresentImage:
        asked = self._clock.monotonic()
        async with self._slots:
            began = self._clock.monotonic()
            ref = await self._with_credentials(name, secrets, sandbox)
        ended = self._clock.monotonic()
        status = await self._images.image_status(ref)
        took, waited = (format_go_duration(round(s, 3)) for s in (ended - began, ended - asked))
        size = status.size if status is not None else 0
        event(
            "Normal",
            "Pulled",
            f'Successfully pulled image "{wanted}" in {took} ({waited} including waiting). Image size: {size} bytes.',
        )
        return PresentImage(status.id if status is not None else ref, _user_of(status) if status is not None else "")

    async def _with_credentials(
        self, name: str, secrets: Sequence[tuple[str, Mapping[str, str]]], sandbox: pb.PodSandboxConfig | None
    ) -> str:
        auths: list[pb.AuthConfig | None] = [*for_image(name, secrets)] or [None]
        for auth in auths[:-1]:
            try:
                return await self._images.pull_image(name, auth, sandbox)
            except CRIError:
                continue  # the next credential may do; the last one's error counts
        return await self._images.pull_image(name, auths[-1], sandbox)

    def forget(self, pod_uid: str) -> None:
        """The Pod is gone: so is its back-off."""
        for key in [k for k in self._failures if k[0] == pod_uid]:
            del self._failures[key]


def _user_of(image: pb.Image) -> str:
    if image.HasField("uid"):
        return str(image.uid.value)
    return image.username
