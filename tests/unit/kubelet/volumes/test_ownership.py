"""fsGroup on volumes that have files already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kajitori.kubelet.volumes.ownership import give_to_group

GROUP = 4242
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    root = tmp_path / "volume"
    (root / "deep").mkdir(parents=True, mode=0o700)
    (root / "deep/file").touch(mode=0o600)
    (root / "link").symlink_to("/etc/passwd")
    root.chmod(0o755)
    return root


def state(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_gid, found.st_mode & 0o7777


def test_everything_below_belongs_to_the_group(volume: Path) -> None:
    before = Path("/etc/passwd").stat()
    give_to_group(volume, GROUP)
    assert state(volume) == (GROUP, 0o2775)
    assert state(volume / "deep") == (GROUP, 0o2770)
    assert state(volume / "deep/file") == (GROUP, 0o660)
    assert state(volume / "link")[0] == GROUP
    assert Path("/etc/passwd").stat() == before, "a link is never followed"


def test_a_read_only_volume_is_only_made_readable(volume: Path) -> None:
    give_to_group(volume, GROUP, read_only=True)
    assert state(volume / "deep/file") == (GROUP, 0o640)


def test_on_root_mismatch_looks_at_the_top_alone(volume: Path) -> None:
    give_to_group(volume, GROUP, policy="OnRootMismatch")
    os.chown(volume / "deep/file", -1, 0)
    give_to_group(volume, GROUP, policy="OnRootMismatch")
    assert state(volume / "deep/file")[0] == 0
    give_to_group(volume, GROUP, policy="Always")
    assert state(volume / "deep/file")[0] == GROUP
