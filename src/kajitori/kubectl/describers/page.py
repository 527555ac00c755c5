"""Page: where a describer writes: levels of indent, tabs that become columns, terminal escapes made harmless.

Pure. May import: kubectl.printers.tabwriter.
"""

from __future__ import annotations

import io

from kajitori.kubectl.printers.tabwriter import TabWriter

INDENT = "  "


class Page:
    """`row` writes a line of cells; `write` leaves the line open. A nested page stands further in."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._columns = TabWriter.describes(self._text)

    def write(self, level: int, text: str) -> None:
        """One piece of text; tabs in it end cells, `level` is how deep it is indented."""
        self._columns.write(INDENT * level + escaped(text))

    def row(self, level: int, *cells: object) -> None:
        """One line, its cells separated by tabs."""
        self.write(level, "\t".join(str(cell) for cell in cells) + "\n")

    def rows(self, level: int, *rows: tuple[object, ...]) -> None:
        for cells in rows:
            self.row(level, *cells)

    def end(self, text: str = "") -> None:
        """Ends an open line with a text."""
        self._columns.write(escaped(text) + "\n")

    def flush(self) -> None:
        """What follows forms columns of its own."""
        self._columns.flush()

    def text(self) -> str:
        """All that was written, aligned."""
        self._columns.flush()
        return self._text.getvalue()

    def nested(self, level: int) -> Page:
        """The same page, everything `level` further in."""
        return _Nested(self, level)


class _Nested(Page):
    def __init__(self, page: Page, level: int) -> None:
        self._page, self._level = page, level

    def write(self, level: int, text: str) -> None:
        self._page.write(level + self._level, text)

    def end(self, text: str = "") -> None:
        self._page.write(self._level, text + "\n")  # upstream indents here too

    def flush(self) -> None:
        self._page.flush()

    def text(self) -> str:
        return self._page.text()


def escaped(text: str) -> str:
    """Control characters that would steer a terminal, as text."""
    return text.replace("\x1b", "^[").replace("\r", "\\r")
