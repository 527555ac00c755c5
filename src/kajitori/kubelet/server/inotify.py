"""Linux inotify in the event loop: await changes of a directory instead of polling it. May import: nothing of ours."""

from __future__ import annotations

import asyncio
import ctypes
import os
from pathlib import Path
from typing import Self

MODIFY, MOVED_FROM, MOVED_TO, CREATE, DELETE, CLOSE_WRITE = 0x2, 0x40, 0x80, 0x100, 0x200, 0x8


class DirectoryWatch:
    """Wakes its one waiter when anything in `directory` changes. Changes between two waits are not lost."""

    def __init__(self, directory: Path, mask: int = MODIFY | MOVED_FROM | MOVED_TO | CREATE | DELETE) -> None:
        self._directory, self._mask = directory, mask
        self._changed = asyncio.Event()
        self._fd = -1

    def __enter__(self) -> Self:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0 or libc.inotify_add_watch(self._fd, os.fsencode(self._directory), self._mask) < 0:
            code = ctypes.get_errno()
            self.__exit__()
            raise OSError(code, os.strerror(code), str(self._directory))
        asyncio.get_running_loop().add_reader(self._fd, self._readable)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    async def changed(self, timeout_s: float) -> bool:
        """Wait for a change, at most `timeout_s`; whether there was one."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def _readable(self) -> None:
        try:
            while os.read(self._fd, 4096):
                pass
        except BlockingIOError:
            pass
        self._changed.set()
