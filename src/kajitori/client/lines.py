"""A stream of chunks as lines. May import: the standard library only."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

MAX_LINE = 64 * 1024 * 1024


async def lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The non-empty lines of a stream; a last one without its newline was cut off and is dropped."""
    parts: list[bytes] = []  # of a line whose end has not come yet
    size = 0
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        parts.append(first)
        size += len(first)
        if size > MAX_LINE:
            raise ConnectionError("a line of the watch is too long")
        if not others:
            continue
        whole = b"".join(parts)
        if whole.strip():
            yield whole
        *middle, last = others
        for line in middle:
            if line.strip():
                yield line
        parts, size = [last], len(last)
