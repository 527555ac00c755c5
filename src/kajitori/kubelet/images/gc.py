"""Image garbage collection: when the image store's disk is too full, unused images go, the longest unused first.

May import: aiokit; of the kubelet `cri`, `interfaces`, `runtime`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger

from ..cri import cri_pb2 as pb
from ..interfaces import CRIError
from ..runtime.runtime import Runtime

log = get_logger(__name__)
CHECK_S = 300.0


class ImageGarbageCollection:
    """Looks every five minutes; ``high`` 100 switches it off."""

    def __init__(
        self,
        runtime: Runtime,
        in_use: Callable[[], set[str]],
        clock: Clock,
        *,
        high_percent: int,
        low_percent: int,
        min_age_s: float,
        tell: Callable[[str, str], Any],
    ) -> None:
        self._runtime, self._in_use, self._clock, self._tell = runtime, in_use, clock, tell
        self._high, self._low, self._min_age_s = high_percent, low_percent, min_age_s
        self._first_seen: dict[str, float] = {}
        self._last_used: dict[str, float] = {}

    async def run(self) -> None:
        """Looks every `CHECK_S` s until cancelled; a high threshold of 100 % turns collecting off (upstream too)."""
        while True:
            try:
                images = await self._runtime.images.list_images()
                self.note(images)
                if self._high < 100:
                    await self._collect(images)
            except (CRIError, OSError) as error:
                log.info("image garbage collection failed", err=describe(error))
            await self._clock.sleep(CHECK_S)

    def note(self, images: Sequence[pb.Image]) -> None:
        """Remember which images there are and which are in use now."""
        now, used = self._clock.monotonic(), self._in_use()
        here = {i.id for i in images}
        self._first_seen = {id_: self._first_seen.get(id_, now) for id_ in here}
        self._last_used = {id_: seen for id_, seen in self._last_used.items() if id_ in here}
        for image in images:
            if used & {image.id, *image.repo_digests, *image.repo_tags}:
                self._last_used[image.id] = now

    def unused(self, images: Sequence[pb.Image]) -> list[pb.Image]:
        """Candidates, the longest unused first."""
        now, used = self._clock.monotonic(), self._in_use()
        free = [
            i
            for i in images
            if not i.pinned
            and not used & {i.id, *i.repo_digests, *i.repo_tags}
            and now - self._first_seen.get(i.id, now) >= self._min_age_s
        ]
        return sorted(free, key=lambda i: (self._last_used.get(i.id, 0.0), self._first_seen.get(i.id, 0.0)))

    async def _collect(self, images: Sequence[pb.Image]) -> None:
        mount, _, _ = await self._runtime.image_fs_usage()
        disk = os.statvfs(mount or "/")
        capacity, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
        used_percent = 100 - free * 100 // max(capacity, 1)
        if used_percent < self._high:
            return
        wanted = capacity * (100 - self._low) // 100 - free
        freed = await self.free(images, wanted)
        if freed < wanted:
            message = (
                f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, "
                f"but only found {freed} bytes eligible to free."
            )
            self._tell("FreeDiskSpaceFailed", message)

    async def free(self, images: Sequence[pb.Image], wanted: int) -> int:
        """Remove images until ``wanted`` bytes are free; how many bytes it were."""
        freed = 0
        for image in self.unused(images):
            if freed >= wanted:
                break
            await self._runtime.images.remove_image(image.id)
            log.info("removed unused image", image=image.id, size=image.size)
            freed += image.size
        return freed
