"""A terminal in raw mode while a session lasts, and its sizes as they change. May import: the standard library."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

Size = tuple[int, int]


@contextmanager
def raw(fd: int) -> Iterator[None]:
    """Keys reach the other side one by one, Ctrl-C too; restored at the end, whatever happens."""
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd, termios.TCSANOW)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)


def size_of(fd: int) -> Size | None:
    """(width, height); None where there is no terminal to ask."""
    try:
        width, height = os.get_terminal_size(fd)
    except OSError:
        return None
    return width, height


async def sizes(fd: int, *first: Size) -> AsyncIterator[Size]:
    """`first`, then every new size of the terminal. Ends never: whoever reads stops."""
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGWINCH, changed.set)
    try:
        last: Size | None = None
        for last in first:
            yield last
        while True:
            await changed.wait()
            changed.clear()
            now = size_of(fd)
            if now is not None and now != last:
                last = now
                yield now
    finally:
        loop.remove_signal_handler(signal.SIGWINCH)
