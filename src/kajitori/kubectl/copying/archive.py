"""Tar streams: files of this machine into one, and one into files of this machine.

Unpacking trusts nothing: members outside the wanted path, links and devices never reach the disk. May import: copying.
"""

from __future__ import annotations

import os
import posixpath
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO

from kajitori.kubectl.copying.paths import inside
from kajitori.kubectl.flags import UsageError
from kajitori.machinery.gotext import quote


def pack(source: str, name: str, out: IO[bytes]) -> None:
    """The file or folder `source`, called `name` in the stream. Links stay links."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for path, member in _members(Path(source), name):
            info = tar.gettarinfo(path, arcname=member)
            if info is None:
                continue
            if info.isreg():
                with path.open("rb") as data:
                    tar.addfile(info, data)
            else:
                tar.addfile(info)


def _members(path: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Folders come by their contents; only an empty one needs an entry of its own."""
    if path.is_dir() and not path.is_symlink():
        inner = sorted(path.iterdir())
        if not inner:
            yield path, name
        for one in inner:
            yield from _members(one, posixpath.join(name, one.name))
        return
    yield path, name


def unpack(source: IO[bytes], prefix: str, target: str, warn: TextIO, hint: str) -> None:
    """Members whose names begin with `prefix` go to `target`. Raises UsageError for any other."""
    warned = False
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for member in tar:
            if not member.name.startswith(prefix):
                raise UsageError("error: tar contents corrupted")
            path = posixpath.normpath(posixpath.join(target, member.name[len(prefix) :].lstrip("/")))
            if not inside(target, path):
                warn.write(f"warning: file {quote(path)} is outside target destination, skipping\n")
                continue
            os.makedirs(posixpath.dirname(path) or ".", mode=0o755, exist_ok=True)  # noqa: PTH103 (text paths)
            if member.isdir():
                os.makedirs(path, mode=0o755, exist_ok=True)  # noqa: PTH103 (text paths)
            elif member.issym():
                advice = "" if warned else hint
                warned = True
                warn.write(f"warning: skipping symlink: {quote(path)} -> {quote(member.linkname)}{advice}\n")
            elif member.isreg():
                _write(tar, member, path)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
    data = tar.extractfile(member)
    assert data is not None, "a regular file has contents"
    with open(path, "wb") as out:  # noqa: PTH123 (text paths)
        while piece := data.read(1 << 20):
            out.write(piece)
