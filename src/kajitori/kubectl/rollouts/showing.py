"""A revision's pod template as text, tabs and all: upstream does not align it here. May import: kubectl.describers."""

from __future__ import annotations

from typing import Any

from kajitori.kubectl.describers.page import INDENT, Page, escaped
from kajitori.kubectl.describers.templates import write_template


class Unaligned(Page):
    """A page whose tabs stay tabs."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, level: int, text: str) -> None:
        self._pieces.append(INDENT * level + escaped(text))

    def end(self, text: str = "") -> None:
        self._pieces.append(escaped(text) + "\n")

    def flush(self) -> None:
        """Nothing is held back."""

    def text(self) -> str:
        return "".join(self._pieces)


def template_text(template: dict[str, Any]) -> str:
    page = Unaligned()
    write_template(page, template)
    return page.text()
