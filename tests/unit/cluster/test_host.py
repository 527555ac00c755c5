"""What is asked of the host, what is read from it, what is left behind."""

import asyncio
import errno
from pathlib import Path

import pytest

from kajitori.cluster import failures, logs, preflight, program
from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.locks import locked
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile
from kajitori.cluster.sandbox import cgroups


def test_a_missing_tool_names_its_package() -> None:
    with pytest.raises(ClusterFailure) as caught:
        preflight.require_tools(lambda name: None if name in ("runc", "nft") else f"/usr/bin/{name}")
    assert caught.value.reason is failures.RUNC_NOT_FOUND
    assert caught.value.advice == "Install it: sudo apt-get install nftables runc"


def test_too_little_space_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailure) as caught:
        preflight.require_space(Home(tmp_path), minimum=1 << 60)
    assert caught.value.reason is failures.STORAGE


def test_a_full_disk_is_recognised() -> None:
    assert preflight.is_no_space(OSError(errno.ENOSPC, "No space left on device"))
    assert not preflight.is_no_space(OSError(errno.EACCES, "Permission denied"))


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (Profile(name="x", cpus=10_000), failures.CORES),
        (Profile(name="x", memory_mb=100), failures.MEMORY),
        (Profile(name="x", memory_mb=1 << 30), failures.MEMORY),
    ],
)
def test_more_than_the_machine_has_is_refused(profile: Profile, reason: failures.Reason) -> None:
    with pytest.raises(ClusterFailure) as caught:
        preflight.require_resources(profile)
    assert caught.value.reason is reason


def test_a_second_command_on_a_profile_is_told_so(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(ClusterFailure) as caught, locked(tmp_path / "lock", wait=False):
        pass
    assert caught.value.reason is failures.LOCKED


def test_cgroups_are_found_in_every_hierarchy_and_removed_children_first(tmp_path: Path) -> None:
    for controller in ("cpu", "memory"):
        (tmp_path / controller / "node/kubepods/pod1").mkdir(parents=True)
    (tmp_path / "cpu/other").mkdir()
    assert [path.parent.name for path in sorted(cgroups.directories("node", tmp_path))] == ["cpu", "memory"]
    assert cgroups.remove("node", tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["cpu", "memory", "other"]


def test_the_last_lines_of_a_long_file_are_read_from_its_end(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("".join(f"line {n} {'x' * 100}\n" for n in range(5000)))
    assert [line.split()[1] for line in logs.last_lines(file, 3)] == ["4997", "4998", "4999"]
    assert logs.last_lines(tmp_path / "missing", 3) == []


def test_the_programs_folders_hold_the_interpreter_and_the_source() -> None:
    folders = [Path(folder) for folder in program.folders()]
    source = program.source_root()
    assert any(source.is_relative_to(folder) for folder in [*folders, Path("/usr")])
    assert not any(a != b and a.is_relative_to(b) for a in folders for b in folders)


def test_a_disk_that_fills_while_a_cluster_starts_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ClusterFailure) as caught:
        asyncio.run(preflight.stay_above(Home(tmp_path), minimum=1 << 60))
    assert caught.value.reason is failures.STORAGE
    assert "MINIKUBE_HOME" in caught.value.advice
