"""Warnings as headers of an answer (RFC 7234 §5.5; KEP-1693): each once, and all together of bounded length. Pure.

May import: the standard library.
"""

import unicodedata
from collections.abc import Iterable

MOST_IN_ALL = 4 * 1024
"""Characters of warnings in one answer; a warning more, and each is cut."""
MOST_OF_ONE = 256

Headers = list[tuple[str, str]]


def headers(texts: Iterable[str]) -> Headers:
    """`Warning` headers in the order of the texts. What a header cannot hold, an empty text too, is left out."""
    wanted = [text for text in dict.fromkeys(texts) if text and not any(map(_is_control, text))]
    if sum(map(len, wanted)) > MOST_IN_ALL:
        wanted = list(_cut(wanted))
    return [("Warning", _header(text)) for text in wanted]


def _cut(texts: Iterable[str]) -> Iterable[str]:
    written = 0
    for text in texts:
        if written >= MOST_IN_ALL:
            return
        written += min(len(text), MOST_OF_ONE)
        yield text[:MOST_OF_ONE]


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _header(text: str) -> str:
    """Code 299, no agent, the text quoted; headers are written byte by byte, so each character is one byte of UTF-8."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'.encode("utf-8", "surrogateescape").decode("latin-1")
