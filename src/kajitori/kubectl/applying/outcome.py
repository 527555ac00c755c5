"""What became of one applied object. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from kajitori.kubectl.printers.objects import ObjectPrinter
    from kajitori.kubectl.resources.infos import Info


@dataclass(frozen=True)
class Outcome:
    """`word`: created, configured, unchanged, serverside-applied."""

    info: Info
    object: dict[str, Any]
    word: str

    def print(self, printer: ObjectPrinter, out: TextIO) -> None:
        printer.print(self.object, out)
