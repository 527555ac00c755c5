"""What keeps a node's disk free, against a real containerd: log rotation and image garbage collection."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.integration.kubelet.busyboximages import BUSYBOX, PAUSE, layer, oci_archive
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.integration.kubelet.test_static_pods import LOOP, pod, running
from tests.waiting import eventually

from kajitori.aiokit.clock import FakeClock, RealClock
from kajitori.kubelet.cri.channel import Channel
from kajitori.kubelet.cri.client import ImageClient, RuntimeClient
from kajitori.kubelet.images.gc import ImageGarbageCollection
from kajitori.kubelet.runtime.logs import LogRotation
from kajitori.kubelet.runtime.runtime import Runtime

pytestmark = pytest.mark.integration
SCRATCH = "docker.io/library/scratch:1"


def numbers(path: Path) -> list[int]:
    return [int(line.rpartition(" ")[2]) for line in path.read_text().splitlines()]


def test_a_rotated_log_loses_no_line_and_goes_on_in_a_new_file(node: KubeletProcess) -> None:
    script = f"i=0; while test $i -lt 300; do i=$((i+1)); echo $i; sleep 0.01; done; {LOOP}"
    node.write("chatty", pod("chatty", script))
    node.start()
    running(node, "chatty")
    (log,) = eventually(lambda: list(node.logs.glob("*/chatty/0.log")), "the log is there")
    eventually(lambda: len(numbers(log)) > 20, "it grows")

    async def rotate() -> None:
        async with Channel(node.runtime.endpoint) as channel:
            runtime = Runtime(RuntimeClient(channel), ImageClient(channel))
            (record,) = [c for p in (await runtime.pods()).values() for c in p.containers if c.name == "chatty"]
            rotation = LogRotation(runtime, lambda: [record], RealClock(), max_bytes=100, max_files=3)
            await rotation.rotate(record)

    asyncio.run(rotate())
    (before,) = log.parent.glob("0.log.*")
    eventually(lambda: log.exists() and 300 in numbers(log), "the runtime writes on in the new file")
    assert numbers(before) + numbers(log) == list(range(1, 301))


def test_unused_images_go_and_used_and_pinned_ones_stay(node: KubeletProcess) -> None:
    node.runtime.load(oci_archive(SCRATCH, layer({"only": (b"here", 0o644)}, {}), {}))

    async def story() -> tuple[int, list[str]]:
        async with Channel(node.runtime.endpoint) as channel:
            runtime = Runtime(RuntimeClient(channel), ImageClient(channel))
            clock = FakeClock()
            collection = ImageGarbageCollection(
                runtime,
                lambda: {BUSYBOX, PAUSE},
                clock,
                high_percent=85,
                low_percent=80,
                min_age_s=120,
                tell=lambda reason, message: None,
            )
            images = await runtime.images.list_images()
            assert SCRATCH in [tag for image in images for tag in image.repo_tags]
            collection.note(images)
            assert await collection.free(images, 1 << 40) == 0, "it has just come"
            clock.advance(121)
            freed = await collection.free(images, 1 << 40)
            return freed, [tag for image in await runtime.images.list_images() for tag in image.repo_tags]

    freed, left = asyncio.run(story())
    assert freed > 0
    assert SCRATCH not in left
    assert {BUSYBOX, PAUSE} <= set(left)
