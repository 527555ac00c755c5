"""hostPath: the type of what is there, checked before a container gets it, and created where the type says so."""

from __future__ import annotations

import stat
from pathlib import Path

_KINDS = {
    "Directory": (stat.S_ISDIR, "directory"),
    "DirectoryOrCreate": (stat.S_ISDIR, "directory"),
    "File": (stat.S_ISREG, "file"),
    "FileOrCreate": (stat.S_ISREG, "file"),
    "Socket": (stat.S_ISSOCK, "socket file"),
    "CharDevice": (stat.S_ISCHR, "character device"),
    "BlockDevice": (stat.S_ISBLK, "block device"),
}


class HostPathError(Exception):
    """What is there is not of the type that was asked for."""


def prepare(path: str, kind: str) -> None:
    """Check `path` against a HostPathType; an empty type checks nothing (the runtime creates a missing directory)."""
    target = Path(path)
    if kind == "DirectoryOrCreate" and not target.exists():
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
    elif kind == "FileOrCreate" and not target.exists():
        try:
            target.touch(mode=0o644)
        except OSError as err:
            raise HostPathError(f"open {path}: {(err.strerror or '').lower()}") from err
    if not kind:
        return
    check, name = _KINDS[kind]
    try:
        matches = check(target.stat().st_mode)
    except OSError:
        matches = False
    if not matches:
        raise HostPathError(f"hostPath type check failed: {path} is not a {name}")
