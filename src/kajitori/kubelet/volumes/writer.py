"""Atomic volumes: a set of files that changes all at once, as ConfigMap and Secret volumes do.

    volume/
      ..2026_01_02_03_04_05.123456/   the files
      ..data -> ..2026_…              swapped by one rename
      key -> ..data/key               what containers see

A reader that opens `..data` sees one generation or the next, never a mix. May import: nothing of ours.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

DATA = "..data"
DATA_NEW = "..data_tmp"


@dataclass(frozen=True)
class File:
    """One file of a payload; `uid` and `gid` of -1 leave the owner alone."""

    data: bytes
    mode: int = 0o644
    uid: int = -1
    gid: int = -1


Payload = Mapping[str, File]  # relative path → file


class InvalidPath(ValueError):
    """A path of the payload would leave the volume."""


def write(volume: Path, payload: Payload) -> bool:
    """Make the volume hold exactly `payload`; whether anything had to change."""
    files = {clean(path): file for path, file in payload.items()}
    link = volume / DATA
    if link.is_symlink() and _holds(volume / link.readlink(), files):
        _link_names(volume, files)
        return False
    old = str(link.readlink()) if link.is_symlink() else None
    generation = _write_generation(volume, files)
    new = volume / DATA_NEW
    new.unlink(missing_ok=True)
    new.symlink_to(generation.name)
    new.replace(link)
    _link_names(volume, files)
    if old is not None and old.startswith("..") and "/" not in old:
        shutil.rmtree(volume / old, ignore_errors=True)
    return True


def clean(path: str) -> str:
    """The path in normal form; InvalidPath if it is absolute, climbs, or claims a name that is ours."""
    parts = PurePosixPath(path).parts
    if not path or path.startswith("/") or not parts or ".." in parts or parts[0].startswith(".."):
        raise InvalidPath(f"invalid path: {path!r}")
    if len(path) > 4096:
        raise InvalidPath("path is too long")
    return "/".join(parts)


def _write_generation(volume: Path, files: Mapping[str, File]) -> Path:
    stamp = datetime.now(UTC).strftime("..%Y_%m_%d_%H_%M_%S.")
    generation = Path(tempfile.mkdtemp(prefix=stamp, dir=volume))
    generation.chmod(0o755)
    for path, file in files.items():
        target = generation / path
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor, not a path
            out.write(file.data)
            if (file.uid, file.gid) != (-1, -1):
                os.fchown(descriptor, file.uid, file.gid)
            os.fchmod(descriptor, file.mode)  # last: a change of owner may clear bits
    return generation


def _holds(generation: Path, files: Mapping[str, File]) -> bool:
    present = {str(p.relative_to(generation)) for p in generation.rglob("*") if not p.is_dir()}
    return present == set(files) and all(_same(generation / path, file) for path, file in files.items())


def _same(path: Path, file: File) -> bool:
    stat = path.stat()
    owned = file.uid in (-1, stat.st_uid) and file.gid in (-1, stat.st_gid)
    return owned and stat.st_mode & 0o7777 == file.mode and path.read_bytes() == file.data


def _link_names(volume: Path, files: Mapping[str, File]) -> None:
    wanted = {path.split("/", 1)[0] for path in files}
    for entry in volume.iterdir():
        if not entry.name.startswith("..") and entry.is_symlink() and entry.name not in wanted:
            entry.unlink()
    for name in wanted:
        link = volume / name
        if not link.is_symlink():
            link.symlink_to(f"{DATA}/{name}")
