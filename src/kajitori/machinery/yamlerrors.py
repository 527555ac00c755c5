"""What is wrong with a YAML text, in one line and in the words of the parser that upstream uses (go-yaml 2).

Knows PyYAML's errors by their attributes, so that it costs no import. May import: nothing of Kajitori.
"""

import re
from typing import Any

UNKNOWN_ALIAS = "found undefined alias"


def words(error: BaseException, text: bytes | str = b"") -> str:
    """`line 2: mapping values are not allowed in this context`; other errors say what they say.

    go-yaml counts lines from 0 and adds one for what its scanner finds; line 0 is not told. With `text`, the alias
    that nothing defines is named.
    """
    problem = getattr(error, "problem", None)
    if not problem:
        return str(error)
    if problem == UNKNOWN_ALIAS:
        return f"unknown anchor '{_name_at(text, getattr(error, 'problem_mark', None))}' referenced"
    line = 0
    for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)):
        if mark is not None and mark.line:
            line = mark.line + (type(error).__name__ == "ScannerError")
            break
    return f"line {line}: {problem}" if line else str(problem)


def _name_at(text: bytes | str, mark: Any) -> str:
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else text
    lines = decoded.splitlines()
    if mark is None or mark.line >= len(lines):
        return "?"
    found = re.match(r"\*?([\w-]+)", lines[mark.line][mark.column :])
    return found[1] if found else "?"
