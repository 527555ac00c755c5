"""The three streams of a command line. May import: the standard library."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, TextIO


class Out(Protocol):
    """All that printers need of a text stream."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


@dataclass
class Streams:
    """stdin, stdout, stderr. Results go to `out`, everything else to `err`; colour never carries meaning."""

    in_: BinaryIO = field(default_factory=lambda: sys.stdin.buffer)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def print(self, text: str = "") -> None:
        self.out.write(text + "\n")

    def warn(self, text: str) -> None:
        self.err.write(text + "\n")
