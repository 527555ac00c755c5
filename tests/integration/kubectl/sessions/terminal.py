"""A terminal with a command in it: what a person sees, types, and how wide the window is."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from types import TracebackType


class Terminal:
    """The command runs until it ends or the block does; `seen` is all that was on the screen."""

    def __init__(self, *command: str, rows: int = 24, columns: int = 80) -> None:
        self.seen, self._new = "", ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execv(command[0], command)
        self._code: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, pattern: str, within_s: float = 20) -> None:
        """Reads on until the pattern is seen in what came since the last call."""
        deadline = time.monotonic() + within_s
        while not (found := re.search(pattern, self._new)):
            assert self._more(deadline), f"no {pattern!r} in {self._new!r}"
        self._new = self._new[found.end() :]

    def ends(self, within_s: float = 20) -> int:
        """The exit code; negative where a signal ended it."""
        deadline = time.monotonic() + within_s
        while self._more(deadline):
            pass
        self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def _more(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
        assert ready, f"nothing more comes after {self._new!r}"
        try:
            text = os.read(self.fd, 65536).decode("utf-8", "replace")
        except OSError:  # the last process has closed its side
            return False
        self.seen += text
        self._new += text
        return bool(text)
