"""The keeper waits for its nodes, becomes the restart, and is ended by whoever means the node to stop."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.waiting import eventually

from kajitori.cluster import failures, keeper, keeping
from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.locks import locked


@dataclass
class Scene:
    """A keeper of a process that sleeps; instead of a restart it says how many there were, and sleeps too."""

    folder: Path
    node: subprocess.Popen[bytes]

    @property
    def record(self) -> Path:
        return self.folder / "tag.keeper"

    @property
    def told(self) -> Path:
        return self.folder / "told"

    @property
    def log(self) -> Path:
        return self.folder / "keeper.log"

    def keep(self, script: str = "", *, count: int = 0, inherit: int | None = None) -> int:
        """Start the keeper as `keeping.start` does; its process number."""
        script = script or f"echo $0 > {self.told}; exec sleep 60"
        argv = [sys.executable, "-I", "-S", keeper.__file__, "--detach", str(self.record)]
        argv += [str(self.folder / "config.json"), str(self.log), str(count)]
        argv += [keeper.identity(self.node.pid), "--", "/bin/sh", "-c", script]
        fds = () if inherit is None else (inherit,)
        subprocess.run(argv, check=True, cwd=self.folder, pass_fds=fds, timeout=20)
        pid = keeping.pid(self.record)
        assert pid is not None
        return pid

    def end_node(self) -> None:
        self.node.kill()
        self.node.wait()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "config.json").write_text("{}")
    node = subprocess.Popen(["sleep", "60"])
    made = Scene(tmp_path, node)
    yield made
    keeping.end(made.record)
    made.end_node()


def open_files(pid: int) -> set[str]:
    return {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}


def is_gone(pid: int) -> bool:
    return keeper.start_time(pid) == ""


@pytest.mark.parametrize(("count", "seconds"), [(0, 0), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)], ids=str)
def test_restarts_in_a_row_wait_longer_and_longer_up_to_a_minute(count: int, seconds: float) -> None:
    assert keeper.delay_s(count) == seconds


def test_the_keeper_holds_nothing_of_its_caller(scene: Scene) -> None:
    with (scene.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pid = scene.keep(inherit=lock.fileno())
    assert {name for name in open_files(pid) if "pidfd" not in name} == {"/dev/null"}
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    assert os.getsid(pid) == pid
    with (scene.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_it_waits_while_the_node_lives_and_becomes_the_restart_when_it_ends(scene: Scene) -> None:
    pid = scene.keep()
    eventually(lambda: any("pidfd" in name for name in open_files(pid)), "it waits", despite=OSError)
    assert not scene.told.exists()
    scene.end_node()
    eventually(lambda: scene.told.exists() and scene.told.read_text() == "0\n", "the restart runs")
    assert keeping.pid(scene.record) == pid
    assert "attempt 1" in scene.log.read_text()


def test_a_process_of_the_same_number_is_not_the_node(scene: Scene) -> None:
    keeper.wait_for_end([f"{scene.node.pid}:1"])
    keeper.wait_for_end([])


def test_without_its_profile_nothing_is_started_again(scene: Scene) -> None:
    pid = scene.keep()
    (scene.folder / "config.json").unlink()
    scene.end_node()
    eventually(lambda: is_gone(pid), "the keeper is gone")
    assert not scene.told.exists()
    assert not scene.record.exists()


def test_a_keeper_that_was_replaced_starts_nothing(scene: Scene) -> None:
    pid = scene.keep()
    scene.record.write_text("1:1")
    scene.end_node()
    eventually(lambda: is_gone(pid), "the keeper is gone")
    assert not scene.told.exists()
    assert scene.record.read_text() == "1:1"


def test_a_keeper_that_is_ended_heals_nothing(scene: Scene) -> None:
    pid = scene.keep()
    assert keeping.end(scene.record)
    scene.end_node()
    assert is_gone(pid)
    assert not scene.record.exists()
    assert not scene.told.exists()
    assert not keeping.end(scene.record)


def test_a_later_process_with_the_number_on_record_is_left_alone(scene: Scene) -> None:
    scene.record.write_text(f"{scene.node.pid}:1")
    assert not keeping.end(scene.record)
    assert scene.node.poll() is None
    assert not scene.record.exists()


def test_a_restart_that_does_not_listen_is_killed(scene: Scene) -> None:
    pid = scene.keep(f"trap '' TERM; echo $0 > {scene.told}; while :; do sleep 60; done")
    scene.end_node()
    eventually(scene.told.exists, "the restart runs")
    children = Path(f"/proc/{pid}/task/{pid}/children")
    sleeper = int(eventually(lambda: children.read_text().split(), "it sleeps")[0])
    assert keeping.end(scene.record, grace_s=0.05)
    assert is_gone(pid)
    os.kill(sleeper, signal.SIGKILL)


def test_a_command_takes_the_lock_from_a_restart_but_not_from_another_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RUNTIME_DIR", scene.folder)
    path = keeping.lock_path("tag")
    with locked(path), pytest.raises(ClusterFailure) as caught, keeping.profile_lock("tag", wait=False, what="it"):
        pass
    assert caught.value.reason is failures.LOCKED
    pid = scene.keep(f"exec flock --no-fork {path} sh -c 'echo > {scene.told}; exec sleep 60'")
    scene.end_node()
    eventually(scene.told.exists, "the restart holds the lock")
    with keeping.profile_lock("tag", wait=False, what="it"):
        assert is_gone(pid)
        assert not scene.record.exists()
