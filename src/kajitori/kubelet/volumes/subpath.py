"""subPath: one file or folder of a volume as a mount of its own, without letting its contents lead outside.

The path may go through symbolic links only as long as it ends inside the volume; then it is walked again, one component
at a time and without following links, and what the last descriptor refers to is what gets mounted. So nothing that a
container does to its volume in between can change the target. May import: kubelet.volumes.mounts.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kajitori.kubelet.volumes.mounts import Mounter
from kajitori.machinery.gotext import quote

_FOLLOW_NOTHING = os.O_NOFOLLOW | os.O_CLOEXEC


class SubPathError(Exception):
    """The path leads out of the volume, or cannot be made."""


def bind(volume: str, sub_path: str, target: Path, mounter: Mounter) -> None:
    """Mount `volume/sub_path` at `target`; a missing folder is created."""
    check(sub_path)
    base = os.path.realpath(volume)
    inner = _inside(base, os.path.realpath(f"{base}/{sub_path}"))
    with _opened(base, inner) as descriptor:
        _make_target(target, is_dir=stat.S_ISDIR(os.fstat(descriptor).st_mode))
        mounter.bind(f"/proc/self/fd/{descriptor}", target)


def check(sub_path: str) -> None:
    """Raises `SubPathError` for an absolute path and for one with `..` in it."""
    if sub_path.startswith("/"):
        raise SubPathError(f"subPath {quote(sub_path)} must not be an absolute path")
    if ".." in PurePosixPath(sub_path).parts:
        raise SubPathError(f"subPath {quote(sub_path)} must not contain '..'")


def _inside(base: str, path: str) -> tuple[str, ...]:
    if path != base and not path.startswith(base.rstrip("/") + "/"):
        raise SubPathError(f"subpath {quote(path)} not within volume path {quote(base)}")
    return PurePosixPath(os.path.relpath(path, base)).parts if path != base else ()


@contextmanager
def _opened(base: str, parts: tuple[str, ...]) -> Iterator[int]:
    """A descriptor (O_PATH) of base/parts, reached without following any link; folders that are missing are made."""
    descriptor = os.open(base, os.O_PATH | os.O_DIRECTORY | _FOLLOW_NOTHING)
    try:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        for part in parts:
            try:
                following = os.open(part, os.O_PATH | _FOLLOW_NOTHING, dir_fd=descriptor)
            except FileNotFoundError:
                os.mkdir(part, dir_fd=descriptor)
                following = os.open(part, os.O_PATH | os.O_DIRECTORY | _FOLLOW_NOTHING, dir_fd=descriptor)
                Path(f"/proc/self/fd/{following}").chmod(mode)
            os.close(descriptor)
            descriptor = following
            if stat.S_ISLNK(os.fstat(descriptor).st_mode):
                raise SubPathError(f"{quote(part)} became a symbolic link while it was being mounted")
        yield descriptor
    finally:
        os.close(descriptor)


def _make_target(target: Path, *, is_dir: bool) -> None:
    if is_dir:
        target.mkdir(mode=0o750, parents=True, exist_ok=True)
    else:
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        target.touch(mode=0o640)
