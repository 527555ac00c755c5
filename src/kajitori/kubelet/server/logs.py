"""Container logs: reading files in the CRI format, from any line on, and following them through rotation.

A line is `<RFC3339Nano time> <stdout|stderr> <tags> <text>`; tag `P` marks a part of a longer line, which continues in
the next entry of its stream. `LogOptions` are the API's PodLogOptions. May import: kubelet.server.inotify, machinery.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kajitori.kubelet.server.inotify import DirectoryWatch

BLOCK = 64 * 1024
STATE_CHECK_S = 1.0


@dataclass(frozen=True, kw_only=True)
class LogOptions:
    """Which lines, and how: None is no limit; `since` leaves out older lines, `limit_bytes` counts what is sent."""

    follow: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
    since: datetime | None = None
    stream: str = "All"  # All, Stdout, Stderr


class LogFormatter:
    """One entry of the file to what the user sees. Keeps state: parts of a line carry one timestamp between them."""

    def __init__(self, options: LogOptions) -> None:
        self._options = options
        self._left = options.limit_bytes
        self._within_line: dict[bytes, bool] = {}

    @property
    def is_full(self) -> bool:
        return self._left is not None and self._left <= 0

    def format(self, entry: bytes) -> bytes:
        """The visible part of an entry (without its newline); empty if filtered or malformed."""
        stamp, _, rest = entry.partition(b" ")
        stream, _, rest = rest.partition(b" ")
        tags, space, text = rest.partition(b" ")
        if not space or stream not in (b"stdout", b"stderr"):
            return b""
        if self._options.stream != "All" and self._options.stream.lower().encode() != stream:
            return b""
        if self._options.since is not None and _is_before(stamp, self._options.since):
            return b""
        partial = tags.split(b":", 1)[0] == b"P"
        if self._options.timestamps and not self._within_line.get(stream):
            text = fixed_time(stamp) + b" " + text
        self._within_line[stream] = partial
        return self._limited(text if partial else text + b"\n")

    def _limited(self, text: bytes) -> bytes:
        if self._left is not None:
            text = text[: max(self._left, 0)]
            self._left -= len(text)
        return text


def fixed_time(stamp: bytes) -> bytes:
    """The time with nine digits of fraction, as upstream prints it."""
    zone_at = len(stamp) - (1 if stamp.endswith(b"Z") else 6)
    seconds, _, fraction = stamp[:zone_at].partition(b".")
    return seconds + b"." + fraction.ljust(9, b"0") + stamp[zone_at:] if len(seconds) == 19 else stamp


def _is_before(stamp: bytes, since: datetime) -> bool:
    try:
        return datetime.fromisoformat(stamp.decode("ascii")) < since
    except ValueError:
        return False


def tail_offset(file: BinaryIO, lines: int) -> int:
    """Where the last `lines` entries begin."""
    end = file.seek(0, os.SEEK_END)
    if lines <= 0:
        return end
    position, missing, first = end, lines, True
    while position > 0:
        size = min(BLOCK, position)
        position -= size
        file.seek(position)
        block = file.read(size)
        stop = len(block)
        if first and block.endswith(b"\n"):
            stop -= 1  # the newline that ends the last entry
        first = False
        while (newline := block.rfind(b"\n", 0, stop)) >= 0:
            missing -= 1
            if missing == 0:
                return position + newline + 1
            stop = newline
    return 0


async def read_log(path: Path, options: LogOptions, is_running: Callable[[], bool]) -> AsyncGenerator[bytes, None]:
    """The log in pieces; with `follow`, until `is_running()` says that the container is over and all is read."""
    formatter = LogFormatter(options)
    with path.open("rb") as first:
        start = tail_offset(first, options.tail_lines) if options.tail_lines is not None else 0
        first.seek(start)
        if not options.follow:
            for piece in _pieces(first, formatter):
                yield piece
            return
        async for piece in _follow(path, first, formatter, is_running):
            yield piece


async def _follow(
    path: Path, file: BinaryIO, formatter: LogFormatter, is_running: Callable[[], bool]
) -> AsyncGenerator[bytes, None]:
    own: BinaryIO | None = None  # a file opened after rotation; the first one is the caller's
    try:
        with DirectoryWatch(path.parent) as watch:
            while True:
                running = is_running()  # asked before reading: what was written until then is read below
                for piece in _pieces(file, formatter):
                    yield piece
                if formatter.is_full:
                    return
                if _rotated(path, file):
                    for piece in _pieces(file, formatter):
                        yield piece
                    if own is not None:
                        own.close()
                    file = own = path.open("rb")
                elif not running:
                    return
                else:
                    await watch.changed(STATE_CHECK_S)
    finally:
        if own is not None:
            own.close()


def _rotated(path: Path, file: BinaryIO) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False  # between the rename and the runtime's reopening
    return now.st_ino != os.fstat(file.fileno()).st_ino


def _pieces(file: BinaryIO, formatter: LogFormatter) -> Iterator[bytes]:
    """What can be read now, entry by entry, joined to pieces; an unfinished entry stays for the next time."""
    while not formatter.is_full:
        start = file.tell()
        lines = file.readlines(BLOCK)
        if lines and not lines[-1].endswith(b"\n"):
            unfinished = lines.pop()
            file.seek(-len(unfinished), os.SEEK_CUR)
        if not lines:
            break
        if piece := b"".join(formatter.format(line[:-1]) for line in lines):
            yield piece
        if file.tell() == start:
            break
