"""fsGroup on a volume that has files already: the group gets them all, and what is made later belongs to it too.

As upstream, for volumes that are the Pod's own to manage (`local`), never for `hostPath`.
May import: the standard library.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

READ_WRITE, READ_ONLY, SEARCH = 0o660, 0o440, 0o110


def give_to_group(root: str | Path, group: int, *, policy: str = "", read_only: bool = False) -> None:
    """Recursively; with policy `OnRootMismatch` only if the top folder shows that it has not been done."""
    mask = READ_ONLY if read_only else READ_WRITE
    if policy == "OnRootMismatch" and _is_done(Path(root), group, mask):
        return
    for folder, _, files in os.walk(root, topdown=False):  # the top folder last: it tells that all else is done
        for name in files:
            _change(os.path.join(folder, name), group, mask)  # noqa: PTH118 - thousands of files
        _change(folder, group, mask)


def _is_done(root: Path, group: int, mask: int) -> bool:
    now = root.stat()
    wanted = mask | SEARCH | stat.S_ISGID
    return now.st_gid == group and now.st_mode & wanted == wanted


def _change(path: str, group: int, mask: int) -> None:
    now = os.lstat(path)
    os.chown(path, -1, group, follow_symlinks=False)
    if stat.S_ISLNK(now.st_mode):
        return
    extra = SEARCH | stat.S_ISGID if stat.S_ISDIR(now.st_mode) else 0
    Path(path).chmod(stat.S_IMODE(now.st_mode) | mask | extra)
