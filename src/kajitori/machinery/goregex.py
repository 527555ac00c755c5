"""Regular expressions as Go has them: RE2, which takes time linear in the text whatever the pattern is.

Patterns come from users (schemas, rules, objects), so an engine that backtracks would let one of them stop the server.
The engine is loaded with the first pattern. Pure. May import: re2.
"""

from __future__ import annotations

import functools
from typing import Any

_WORDS = (
    ("missing ): ", "missing closing ): "),
    ("missing ]: ", "missing closing ]: "),
    ("invalid perl operator: ", "invalid or unsupported Perl syntax: "),
    ("invalid repetition size: ", "invalid repeat count: "),
    ("no argument for repetition operator: ", "missing argument to repetition operator: "),
    ("bad repetition operator: ", "invalid nested repetition operator: "),
)
"""RE2's words in C++ and what Go says instead."""


@functools.lru_cache(maxsize=1024)
def compile(pattern: str) -> Any:  # noqa: A001 (its name in every regex module)
    """The compiled pattern: search, match, finditer as in `re`. Raises ValueError, worded as Go's."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"error parsing regexp: {_message(error)}") from error


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    shown = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    for ours, theirs in _WORDS:
        if shown.startswith(ours):
            shown = theirs + shown[len(ours) :]
            break
    words, separator, piece = shown.partition(": ")
    return f"{words}: `{piece}`" if separator else shown
