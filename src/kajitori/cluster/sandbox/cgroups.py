"""What a node's cgroup leaves behind: processes to kill, directories to remove, in every hierarchy of either version.

May import: nothing of Kajitori.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def directories(name: str, root: Path = ROOT) -> list[Path]:
    """The cgroup of this name in version 2's one hierarchy or in each of version 1's."""
    places = [root, *(path for path in root.iterdir() if path.is_dir())] if root.is_dir() else []
    return [path / name for path in places if (path / name).is_dir()]


def processes(directory: Path) -> Iterator[int]:
    """Every process in the cgroup and under it."""
    for folder, _, files in os.walk(directory):
        if "cgroup.procs" in files:
            try:
                yield from map(int, Path(folder, "cgroup.procs").read_text().split())
            except OSError:
                continue  # went away while we looked


def remove(name: str, root: Path = ROOT, *, patience_s: float = 5.0) -> bool:
    """Kill what is inside and remove the directories, children first; True when nothing is left."""
    deadline = time.monotonic() + patience_s
    while found := directories(name, root):
        for directory in found:
            for pid in set(processes(directory)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            remove_tree(directory)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)  # the kernel lets a cgroup go a moment after its last process
    return True


def remove_tree(directory: Path) -> None:
    """The deepest first; a directory that still has processes stays, silently."""
    for folder, _, _ in os.walk(directory, topdown=False):
        try:
            Path(folder).rmdir()
        except OSError:
            continue
