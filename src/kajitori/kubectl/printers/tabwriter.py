"""Columns that line up, by the rules of Go's text/tabwriter: a column is a run of lines that have a cell in it.

A cell ends at a tab; what follows a line's last tab is never padded. With `remember`, a writer that is flushed
several times (a watch) never makes a column narrower again. Pure; imports nothing.
"""

from __future__ import annotations

from kajitori.kubectl.streams import Out


class TabWriter:
    """Collects text; `flush` writes it aligned. `tables` and `describes` make the two that kubectl uses."""

    def __init__(
        self, out: Out, *, min_width: int, padding: int, tab_width: int = 8, pad: str = " ", remember: bool = False
    ) -> None:
        self._out = out
        self._min_width = min_width
        self._padding = padding
        self._tab_width = tab_width
        self._pad = pad
        self._remember = remember
        self._known: list[int] = []
        self._buffer: list[str] = []

    @classmethod
    def tables(cls, out: Out) -> TabWriter:
        """For ``kubectl get``: three spaces between columns, widths remembered."""
        return cls(out, min_width=6, padding=3, tab_width=4, remember=True)

    @classmethod
    def describes(cls, out: Out) -> TabWriter:
        """For ``kubectl describe``: two spaces, nothing remembered."""
        return cls(out, min_width=0, padding=2)

    def write(self, text: str) -> None:
        """Kept until `flush`: a column's width depends on all of its lines."""
        self._buffer.append(text)

    def flush(self) -> None:
        """Aligns and writes what has gathered; columns do not reach across a flush but for `remember`."""
        text = "".join(self._buffer)
        self._buffer.clear()
        if not text:
            return
        lines = [line.split("\t") for line in text.split("\n")]
        pieces: list[str] = []
        self._format(lines, 0, len(lines), [], pieces)
        self._out.write("".join(pieces)[:-1])  # the text's end is no line's end

    def forget_widths(self) -> None:
        """What comes next is another table."""
        self._known.clear()

    def _format(self, lines: list[list[str]], start: int, end: int, widths: list[int], pieces: list[str]) -> None:
        column = len(widths)
        row = start
        while row < end:
            if column >= len(lines[row]) - 1:
                row += 1
                continue
            self._emit(lines, start, row, widths, pieces)
            start = row
            width = self._min_width
            while row < end and column < len(lines[row]) - 1:
                width = max(width, len(lines[row][column]) + self._padding)
                row += 1
            self._format(lines, start, row, [*widths, self._remembered(column, width)], pieces)
            start = row
        self._emit(lines, start, end, widths, pieces)

    def _remembered(self, column: int, width: int) -> int:
        if not self._remember:
            return width
        while len(self._known) <= column:
            self._known.append(0)
        self._known[column] = max(self._known[column], width)
        return self._known[column]

    def _emit(self, lines: list[list[str]], start: int, end: int, widths: list[int], pieces: list[str]) -> None:
        for row in range(start, end):
            for column, cell in enumerate(lines[row]):
                pieces.append(cell)
                if column < len(widths):
                    pieces.append(self._filling(len(cell), widths[column]))
            pieces.append("\n")

    def _filling(self, used: int, width: int) -> str:
        if self._pad != "\t":
            return self._pad * (width - used)
        full = -(-width // self._tab_width) * self._tab_width
        return "\t" * -(-(full - used) // self._tab_width)
