"""The audit log's file: written by a thread of its own, whole lines in the order of the events, rotated by size.

At most `Batching.buffer` events wait. When the disk is slower than the requests for that long, further ones are
dropped, counted (`apiserver_audit_error_total`) and said in the log; no request waits. In mode `batch` events may be
gathered and throttled; what waits at the end is written at once. The files have mode 0600.
May import: the standard library, aiokit.logs, audit.batching.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.audit.batching import Batching, Throttle

log = get_logger(__name__)
_BATCH = 256
_STAMP = "%Y-%m-%dT%H-%M-%S.%f"
Line = Callable[[], bytes]
"""Makes an event's line, b"" for one that is left out; called in the thread."""
Stored = Callable[[bool], None]
"""Is told once whether an event was stored; may be called from any thread."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """0 means: no limit (of size: 100 MB)."""

    max_size_mb: int = 0
    max_backups: int = 0
    max_age_days: int = 0
    compress: bool = False


class Sink(Protocol):
    """Where events go: this log, or a webhook."""

    name: str
    written: int
    dropped: int

    def put(self, line: Line, stored: Stored | None = None) -> None:
        """Never waits; who wants to, is told by `stored`."""

    async def run(self) -> None:
        """Serve until cancelled."""


_Event = tuple[Line, Stored | None]


class AuditLog:
    """`run()` must be running for the log to end whole. `path` "-" is stdout."""

    name = "log"

    def __init__(self, path: str, rotation: Rotation | None = None, batching: Batching | None = None) -> None:
        self._path = path
        self._rotation = rotation or Rotation()
        self._batching = batching or Batching(max_size=1, max_wait_s=0.0)
        self._throttle = Throttle(self._batching, time.monotonic)
        self._queue: queue.Queue[_Event | None] = queue.Queue(self._batching.buffer)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._size = 0
        self._file: int | None = None
        self.written = 0
        self.dropped = 0
        if path != "-":
            self._open()  # a path that cannot be written to must fail at the start

    def put(self, line: Line, stored: Stored | None = None) -> None:
        """Never waits."""
        if stored is not None:
            self._start()
        try:
            self._queue.put_nowait((line, stored))
        except queue.Full:
            self.dropped += 1
            if stored is not None:
                stored(False)
            if self.dropped & (self.dropped - 1) == 0:  # 1, 2, 4, 8, …
                log.warning("audit events were dropped: the log cannot be written fast enough", count=self.dropped)

    async def run(self) -> None:
        """Serve until cancelled; then write what waits."""
        thread = self._start()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.shield(asyncio.to_thread(self._finish, thread))

    def _start(self) -> threading.Thread:
        """The thread; it does not wait for `run` where somebody waits for it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="audit-log", daemon=True)
            self._thread.start()
        return self._thread

    def _finish(self, thread: threading.Thread) -> None:
        self._ending.set()
        self._queue.put(None)
        thread.join(5.0)

    # in the thread

    def _write_all(self) -> None:
        while True:
            lines, end = self._take()
            if lines:
                self._write(lines)
            if end:
                break
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self) -> tuple[list[_Event], bool]:
        """All that waits, at least one, or a batch; and whether it is the end."""
        lines: list[_Event] = []
        item = self._queue.get()
        gathers = item is not None and item[1] is None and not self._batching.is_plain  # nobody waits for it
        size = self._batching.max_size if gathers else _BATCH
        until = time.monotonic() + (self._batching.max_wait_s if gathers and size > 1 else 0.0)
        while item is not None:
            lines.append(item)
            if len(lines) >= size:
                break
            try:
                left = until - time.monotonic()
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
        if gathers and item is not None and (delay := self._throttle.delay_s()):
            self._ending.wait(delay)
        return lines, item is None

    def _write(self, lines: list[_Event]) -> None:
        texts = []
        for line, _ in lines:
            try:
                texts.append(line())
            except (ValueError, TypeError) as error:
                self.dropped += 1
                log.error("an audit event could not be encoded", error)
        try:
            self._append(b"".join(texts))
            self.written += len(texts)
            is_stored = True
        except OSError as error:
            self.dropped += len(texts)
            is_stored = False
            log.error("writing the audit log failed", error, path=self._path)
        for _, stored in lines:
            if stored is not None:
                stored(is_stored)

    def _append(self, data: bytes) -> None:
        if self._path == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if self._size and self._size + len(data) > (self._rotation.max_size_mb or 100) << 20:
            self._rotate()
        if self._file is None:
            self._open()
        assert self._file is not None
        view = memoryview(data)
        while view:
            written = os.write(self._file, view)
            self._size += written
            view = view[written:]

    def _open(self) -> None:
        path = Path(self._path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size

    def _rotate(self) -> None:
        """Move the file aside and keep of the old ones what the limits allow."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        path = Path(self._path)
        backup = path.with_name(f"{path.stem}-{datetime.now(UTC).strftime(_STAMP)[:-3]}{path.suffix}")
        path.rename(backup)
        if self._rotation.compress:
            _compress(backup)
        for old in outdated(self.backups(), self._rotation, datetime.now(UTC)):
            old.unlink(missing_ok=True)

    def backups(self) -> list[tuple[datetime, Path]]:
        """Rotated files with their times, the newest first."""
        path = Path(self._path)
        pattern = re.compile(rf"{re.escape(path.stem)}-(.+?){re.escape(path.suffix)}(\.gz)?")
        found = []
        for other in path.parent.iterdir():
            match = pattern.fullmatch(other.name)
            if match:
                try:
                    found.append((datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC), other))
                except ValueError:
                    continue  # not one of ours
        return sorted(found, reverse=True)


def outdated(backups: list[tuple[datetime, Path]], rotation: Rotation, now: datetime) -> list[Path]:
    """What is to be deleted of rotated files (the newest first)."""
    too_many = backups[rotation.max_backups :] if rotation.max_backups else []
    oldest = now - timedelta(days=rotation.max_age_days)
    too_old = [b for b in backups if b[0] < oldest] if rotation.max_age_days else []
    return list(dict.fromkeys(path for _, path in (*too_many, *too_old)))


def _compress(path: Path) -> None:
    packed = path.with_name(path.name + ".gz")
    descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wb") as file:
        file.write(path.read_bytes())
    path.unlink()
