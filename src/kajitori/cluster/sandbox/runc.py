"""Starting, stopping and looking into node sandboxes with runc. May import: cluster's run, paths."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import orjson

from kajitori.cluster import keeper
from kajitori.cluster.paths import RUNTIME_DIR
from kajitori.cluster.run import CommandFailed, run

ROOT = RUNTIME_DIR / "runc"
LOG_TAIL = 2000


def command(*args: str) -> list[str]:
    """The argv for runc, with its state kept apart from other users'."""
    return ["runc", "--root", str(ROOT), *args]


def state(container: str) -> dict[str, object] | None:
    """What runc knows of the container, read from its own files: no process is started just to ask."""
    try:
        kept = orjson.loads((ROOT / container / "state.json").read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return dict(kept)


def first_pid(container: str) -> int | None:
    """The host's number of the node's first process while it lives."""
    kept = state(container)
    if kept is None:
        return None
    pid = kept.get("init_process_pid")
    began = kept.get("init_process_start")
    if not isinstance(pid, int) or pid <= 0:
        return None
    return pid if keeper.start_time(pid) == str(began) else None


def start(container: str, bundle: Path, log: Path) -> None:
    """Create and start the container; returns once its first process runs."""
    ROOT.mkdir(parents=True, exist_ok=True, mode=0o700)
    log.parent.mkdir(parents=True, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    with log.open("wb") as output:
        argv = command("run", "--detach", "--bundle", str(bundle), container)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, check=False)
    if done.returncode != 0:
        raise CommandFailed(argv, done.returncode, log.read_text(errors="replace")[-LOG_TAIL:])


def remove(container: str) -> None:
    """Kill whatever is left of the container and forget it."""
    if (ROOT / container).exists():
        run(command("delete", "--force", container), check=False)
        shutil.rmtree(ROOT / container, ignore_errors=True)


def stop(container: str, grace_s: float) -> None:
    """Ask the first process to end, give it time, then end it; the container is forgotten."""
    pid = first_pid(container)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        with pidfd(pid) as handle:
            handle.wait(deadline - time.monotonic())
    remove(container)


class pidfd:  # noqa: N801 - reads as the system call it wraps
    """Waits for a process that is not our child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle = -1

    def __enter__(self) -> "pidfd":
        try:
            self.handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.handle = -1
        return self

    def wait(self, timeout_s: float) -> bool:
        """Whether the process has ended within this time; one that was gone from the start has."""
        import select

        if self.handle < 0:
            return True
        ready, _, _ = select.select([self.handle], [], [], max(0.0, timeout_s))
        return bool(ready)

    def __exit__(self, *_: object) -> None:
        if self.handle >= 0:
            os.close(self.handle)


def exec_command(container: str, argv: Sequence[str], *, tty: bool = False) -> list[str]:
    """The command line that runs `argv` inside the node."""
    return command("exec", *(["--tty"] if tty else []), "--cwd", "/root", container, *argv)
