"""Regular expressions in Go's syntax (RE2), run by Python's engine.

What the two write differently is translated; what Python cannot say raises ValueError. Pure. May import: nothing.
"""

from __future__ import annotations

import functools
import re

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PIECE = re.compile(r"\\Q(.*?)(?:\\E|$)|\\x\{([0-9A-Fa-f]+)\}|\\(.)|\[:(\^?)(\w+):\]|(\$)|(\()|(\[\^?\]?)|(\])", re.S)
_UNICODE = {"L": r"[^\W\d_]", "N": r"\d", "Lu": "[A-Z]", "Ll": "[a-z]"}


@functools.lru_cache(maxsize=1024)
def compile(pattern: str) -> re.Pattern[str]:  # noqa: A001 (its name in every regex module)
    """The compiled pattern. Raises ValueError."""
    try:
        return re.compile(_translated(pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"error parsing regexp: {error}: `{pattern}`") from error


def _translated(pattern: str) -> str:
    if re.search(r"\(\?(=|!|<=|<!)|\\[1-9]", pattern):
        raise re.error("invalid or unsupported Perl syntax")
    multiline = re.match(r"\(\?[a-zA-Z]*m", pattern) is not None
    out: list[str] = []
    position, in_class = 0, False
    for match in _PIECE.finditer(pattern):
        out.append(pattern[position : match.start()])
        position = match.end()
        quoted, code, escaped, negated, posix, dollar, paren, opening, closing = match.groups()
        if quoted is not None:
            out.append(re.escape(quoted))
        elif code is not None:
            out.append(re.escape(chr(int(code, 16))))
        elif escaped is not None:
            out.append(r"\Z" if escaped == "z" else "" if escaped in "QE" else "\\" + escaped)
        elif posix is not None:
            chars = _POSIX.get(posix)
            if chars is None:
                raise re.error("invalid character class range")
            out.append(chars if not negated else match.group())
        elif dollar is not None:
            out.append("$" if in_class or multiline else r"\Z")
        elif paren is not None:
            out.append("(")
        elif opening is not None:
            out.append(match.group() if not in_class else "\\" + match.group())
            in_class = True
        elif closing is not None:
            in_class = False
            out.append("]")
    out.append(pattern[position:])
    return "".join(out)
