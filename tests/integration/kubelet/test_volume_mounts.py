# ruff: noqa: ASYNC230, ASYNC240 - a test may block
"""Volumes with real mounts: tmpfs for secrets, binds for subPaths, and nothing left in the end. Needs root."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import Pod, Secret
from kajitori.kubelet.volumes import VolumeManager
from kajitori.kubelet.volumes.mounts import SystemMounter

pytestmark = [pytest.mark.integration, pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")]


class Source:
    async def get(self, kind: str, namespace: str, name: str) -> Any:
        return schema.from_wire(Secret, {"metadata": {"name": name}, "data": {"key": "dmFsdWU="}})

    def follow(self, reference: object, changed: object) -> None: ...

    def unfollow(self, reference: object, changed: object) -> None: ...


def pod() -> Any:
    mounts = [{"name": "s", "mountPath": "/s", "subPath": "key"}, {"name": "e", "mountPath": "/e", "subPath": "a b/c"}]
    wire = {
        "metadata": {"name": "p", "namespace": "ns", "uid": "uid-1"},
        "spec": {
            "containers": [{"name": "c", "volumeMounts": mounts}],
            "volumes": [
                {"name": "s", "secret": {"secretName": "x"}},
                {"name": "e", "emptyDir": {}},
                {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "64Ki"}},
            ],
        },
    }
    return schema.from_wire(Pod, wire)


def mounted(folder: Path) -> list[str]:
    return SystemMounter().below(folder)


def test_everything_is_mounted_used_and_undone(tmp_path: Path) -> None:
    async def story() -> None:
        manager = VolumeManager(root_dir=tmp_path, source=Source())
        owner = pod()
        container = owner.spec.containers[0]
        paths = await manager.mount(owner)
        assert await manager.mount(owner) == paths
        assert set(mounted(tmp_path)) == {paths["m"], paths["s"]}
        with pytest.raises(OSError, match="No space left"):
            Path(paths["m"], "big").write_bytes(bytes(100_000))
        for _ in range(2):  # a restarted container asks again
            key = await manager.sub_path(owner, container, 0, paths["s"], "key")
            folder = await manager.sub_path(owner, container, 1, paths["e"], "a b/c")
            assert len(mounted(tmp_path)) == 4
        assert Path(key).read_text() == "value"
        Path(folder, "file").write_text("kept")
        assert Path(paths["e"], "a b/c/file").read_text() == "kept"
        again = VolumeManager(root_dir=tmp_path, source=Source())
        assert again.orphans(set()) == ["uid-1"]
        with Path(paths["m"], "held").open("w"):  # a process that still looks at it does not keep it mounted
            await again.unmount("uid-1")
        assert mounted(tmp_path) == []
        assert list((tmp_path / "pods/uid-1").iterdir()) == []

    try:
        asyncio.run(story())
    finally:
        for point in mounted(tmp_path):
            SystemMounter().unmount(point)
