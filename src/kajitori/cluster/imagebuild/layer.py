"""A layer: a tar stream, the same bytes for the same content. May import: nothing of Kajitori."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


class Layer:
    """Collects entries, then gives the uncompressed tar; times and owners are fixed so that digests are stable."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._buffer, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in finish
        self._directories: set[str] = set()

    def directory(self, path: str, mode: int = 0o755) -> None:
        """A directory and, where still missing, its parents."""
        name = path.strip("/")
        if not name or name in self._directories:
            return
        self.directory(str(Path(name).parent) if "/" in name else "")
        self._directories.add(name)
        self._add(self._info(name, tarfile.DIRTYPE, mode, 0))

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Adds a regular file, after the folders above it that are not there yet."""
        name = path.strip("/")
        self.directory(str(Path(name).parent) if "/" in name else "")
        info = self._info(name, tarfile.REGTYPE, mode, 0)
        info.size = len(data)
        self._add(info, data)

    def symlink(self, path: str, target: str) -> None:
        """The same for a link; `target` is taken as it is."""
        name = path.strip("/")
        self.directory(str(Path(name).parent) if "/" in name else "")
        info = self._info(name, tarfile.SYMTYPE, 0o777, 0)
        info.linkname = target
        self._add(info)

    def tree(self, source: Path, target: str = "/") -> None:
        """Everything under a directory of the host, links kept as links."""
        for path in sorted(source.rglob("*")):
            inside = f"{target.rstrip('/')}/{path.relative_to(source)}"
            if path.is_symlink():
                self.symlink(inside, str(path.readlink()))
            elif path.is_dir():
                self.directory(inside, path.stat().st_mode & 0o7777)
            elif path.is_file():
                self.file(inside, path.read_bytes(), path.stat().st_mode & 0o7777)

    def copy(self, paths: Iterable[Path], target: str) -> None:
        """Files of the host into one directory of the image."""
        for path in paths:
            self.file(f"{target}/{path.name}", path.read_bytes(), path.stat().st_mode & 0o7777)

    def finish(self) -> bytes:
        self._tar.close()
        return self._buffer.getvalue()

    @staticmethod
    def _info(name: str, kind: bytes, mode: int, uid: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.uid, info.gid = kind, mode, uid, uid
        return info

    def _add(self, info: tarfile.TarInfo, data: bytes = b"") -> None:
        self._tar.addfile(info, io.BytesIO(data) if data else None)
