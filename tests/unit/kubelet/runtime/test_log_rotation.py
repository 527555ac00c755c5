from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.unit.kubelet.podrecords import container

from kajitori.aiokit.clock import FakeClock
from kajitori.kubelet.interfaces import CRIError
from kajitori.kubelet.runtime.logs import LogRotation, make_room, rotated


class FakeCri:
    def __init__(self, path: Path, error: bool = False) -> None:
        self.path, self.error, self.reopened = path, error, 0

    async def reopen_container_log(self, container_id: str) -> None:
        if self.error:
            raise CRIError("Unknown", "no")
        self.reopened += 1
        self.path.write_text("")


def rotation(path: Path, cri: Any, clock: FakeClock, max_files: int = 3) -> LogRotation:
    runtime: Any = SimpleNamespace(cri=cri)
    return LogRotation(runtime, list, clock, max_bytes=10, max_files=max_files)


def test_only_so_many_parts_are_kept_and_old_ones_are_compressed(tmp_path: Path) -> None:
    path, clock = tmp_path / "0.log", FakeClock()
    cri = FakeCri(path)
    for number in range(5):
        path.write_text(f"part {number}")
        asyncio.run(rotation(path, cri, clock).rotate(container("a", log_path=str(path))))
        clock.advance(60)
    assert cri.reopened == 5
    parts = rotated(path)
    assert len(parts) == 2
    assert gzip.decompress(parts[0].read_bytes()) == b"part 3"
    assert parts[1].read_text() == "part 4"


def test_log_comes_back_if_the_runtime_cannot_reopen_it(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_text("text")
    asyncio.run(rotation(path, FakeCri(path, error=True), FakeClock()).rotate(container("a", log_path=str(path))))
    assert path.read_text() == "text"


def test_unfinished_compression_is_no_part(tmp_path: Path) -> None:
    (tmp_path / "0.log.20260102-030405.tmp").write_text("half")
    make_room(tmp_path / "0.log", 3)
    assert rotated(tmp_path / "0.log") == []
