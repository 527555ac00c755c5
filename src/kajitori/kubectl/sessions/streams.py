"""The process's own streams as byte streams: stdin read by a thread that nobody waits for, stdout and stderr as sinks.

stdin stays in blocking mode, for a terminal shares its mode with the shell's stdout. May import: the standard library.
"""

from __future__ import annotations

import asyncio
import io
import os
import threading
from typing import IO, Any, BinaryIO, TextIO

CHUNK = 32 * 1024


class StdinReader:
    """A ByteReader. What was read and not asked for when the process ends is lost, as with any program that exits."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._wanted = threading.Semaphore(1)  # one chunk ahead: a slow session does not fill the memory
        self._rest = b""
        self._ended = False
        threading.Thread(target=self._pump, name="stdin", daemon=True).start()

    async def read(self, n: int = -1, /) -> bytes:
        """At most `n` bytes of what has come (negative: all of one chunk); empty at the end, for ever."""
        if not self._rest and not self._ended:
            self._rest = await self._chunks.get()
            self._ended = not self._rest
            self._wanted.release()
        data = self._rest if n < 0 else self._rest[:n]
        self._rest = self._rest[len(data) :]
        return data

    def _pump(self) -> None:
        while True:
            self._wanted.acquire()
            data = self._next()
            try:
                self._loop.call_soon_threadsafe(self._chunks.put_nowait, data)
            except RuntimeError:
                return  # the loop is gone, and so is the session
            if not data:
                return

    def _next(self) -> bytes:
        number = file_number(self._source)
        try:
            return self._source.read(CHUNK) if number is None else os.read(number, CHUNK)
        except (OSError, ValueError):
            return b""


class Sink:
    """Bytes to a text stream: past its encoding where there is a buffer, decoded where there is none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = getattr(stream, "buffer", None)

    async def write(self, data: bytes, /) -> None:
        self.put(data)

    def put(self, data: bytes) -> None:
        """Writes through to the file at once."""
        if self._buffer is None:
            self._stream.write(data.decode("utf-8", "replace"))
            return
        self._stream.flush()
        self._buffer.write(data)
        self._buffer.flush()


def file_number(stream: IO[Any]) -> int | None:
    """The descriptor, None for a stream that has none (a test's)."""
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError, io.UnsupportedOperation):
        return None


def is_terminal(stream: BinaryIO | TextIO) -> bool:
    number = file_number(stream)
    return number is not None and os.isatty(number)
