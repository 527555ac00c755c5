"""Log rotation: a container's log that has grown past its limit is renamed, the runtime told to go on in a new file,
old ones compressed, the oldest removed. Plain file work in a thread; names are upstream's
(``0.log.20260102-030405.gz``).

May import: aiokit; of the kubelet `interfaces`, `runtime.runtime`.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger

from ..interfaces import CRIError
from .records import ContainerRecord
from .runtime import Runtime

log = get_logger(__name__)
CHECK_S = 10.0


def rotated(path: Path) -> list[Path]:
    """Earlier parts of a log, oldest first."""
    return sorted(p for p in path.parent.glob(f"{path.name}.*") if not p.name.endswith(".tmp"))


def compress(path: Path) -> None:
    """Replace a file by its gzip; a crash in between leaves the original."""
    draft = path.with_name(f"{path.name}.tmp")
    with path.open("rb") as source, gzip.open(draft, "wb") as target:
        shutil.copyfileobj(source, target)
    draft.rename(path.with_name(f"{path.name}.gz"))
    path.unlink()


def make_room(path: Path, max_files: int) -> None:
    """Keep ``max_files`` parts in all: the live one, the one to come, and compressed older ones."""
    parts = rotated(path)
    for old in parts[: max(0, len(parts) - (max_files - 2))]:
        old.unlink(missing_ok=True)
    for part in rotated(path):
        if part.suffix != ".gz":
            compress(part)


def set_aside(path: Path, part: Path, max_files: int) -> None:
    """Make room and rename the live file."""
    make_room(path, max_files)
    path.rename(part)


class LogRotation:
    """Looks at the logs of running containers every ten seconds."""

    def __init__(
        self,
        runtime: Runtime,
        containers: Callable[[], Iterable[ContainerRecord]],
        clock: Clock,
        *,
        max_bytes: int,
        max_files: int,
    ) -> None:
        self._runtime, self._containers, self._clock = runtime, containers, clock
        self._max_bytes, self._max_files = max_bytes, max_files

    async def run(self) -> None:
        """Looks every `CHECK_S` seconds until cancelled; only running containers' logs are rotated."""
        while True:
            await self._clock.sleep(CHECK_S)
            for record in self._containers():
                if record.is_running and self._is_full(record.log_path):
                    await self.rotate(record)

    def _is_full(self, path: str) -> bool:
        try:
            return bool(path) and Path(path).stat().st_size > self._max_bytes
        except OSError:
            return False

    async def rotate(self, record: ContainerRecord) -> None:
        """One container's log."""
        path = Path(record.log_path)
        try:
            part = path.with_name(f"{path.name}.{self._clock.now():%Y%m%d-%H%M%S}")
            await asyncio.to_thread(set_aside, path, part, self._max_files)
            try:
                await self._runtime.cri.reopen_container_log(record.id)
            except CRIError:
                await asyncio.to_thread(part.rename, path)  # whoever writes still writes there
                raise
        except (OSError, CRIError) as error:
            log.info("cannot rotate container log", path=str(path), err=describe(error))
