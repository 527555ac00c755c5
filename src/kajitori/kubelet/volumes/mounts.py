"""mount(2) and umount(2), and what is mounted below a folder. The one place of this package that needs root.

`Mounter` is the seam for tests; `SystemMounter` does it. May import: nothing of ours.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from pathlib import Path
from typing import Any, Protocol

MS_NOSUID, MS_NODEV, MS_BIND, MS_REC = 0x2, 0x4, 0x1000, 0x4000
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8


class Mounter(Protocol):
    """What mounts; each raises OSError. Unmounting what is not mounted is no error."""

    def tmpfs(self, target: Path, options: str) -> None: ...

    def bind(self, source: str, target: Path) -> None: ...

    def unmount(self, target: str) -> None: ...

    def below(self, folder: Path) -> list[str]:
        """Mount points inside `folder`, deepest first."""


class SystemMounter:
    def tmpfs(self, target: Path, options: str) -> None:
        """`options` as mount(8) has them: `size=…,mode=…`."""
        _check(_libc().mount(b"tmpfs", os.fsencode(target), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode()), target)

    def bind(self, source: str, target: Path) -> None:
        """With what is mounted below the source."""
        _check(_libc().mount(os.fsencode(source), os.fsencode(target), None, MS_BIND | MS_REC, None), target)

    def unmount(self, target: str) -> None:
        """Follows no link. A mount that is in use goes from the tree at once and is freed by its last user."""
        path = os.fsencode(target)
        if _libc().umount2(path, UMOUNT_NOFOLLOW) == 0:
            return
        if ctypes.get_errno() == errno.EBUSY:  # a process still looks at it: gone from the tree, freed when it ends
            _check(_libc().umount2(path, UMOUNT_NOFOLLOW | MNT_DETACH), target)
        elif ctypes.get_errno() not in (errno.EINVAL, errno.ENOENT):  # EINVAL: not mounted
            _check(-1, target)

    def below(self, folder: Path) -> list[str]:
        prefix = f"{folder}/"
        table = Path("/proc/self/mountinfo").read_bytes().splitlines()
        points = [_unescape(line.split(b" ", 5)[4]) for line in table]
        return [point for point in reversed(points) if point.startswith(prefix)]


def _unescape(path: bytes) -> str:
    """The kernel writes blanks and backslashes as octal."""
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(code, char)
    return os.fsdecode(path)


@cache
def _libc() -> Any:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
    libc.umount2.argtypes = (ctypes.c_char_p, ctypes.c_int)
    return libc


def _check(result: int, target: object) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(target))
