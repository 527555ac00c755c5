"""`$(NAME)` in values, commands, arguments and subPathExpr: `$$` is a dollar, an unknown name stays as it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\$\$|\$\(([^)]*)\)")


def expand(text: str, env: Mapping[str, str]) -> str:
    """`text` with every `$(NAME)` that `env` knows replaced, in one pass: what is put in is not expanded again."""

    def replace(token: re.Match[str]) -> str:
        name = token.group(1)
        return "$" if name is None else env.get(name, token.group())

    return _TOKEN.sub(replace, text) if "$" in text else text


def expand_strictly(text: str, env: Mapping[str, str]) -> str:
    """The same for subPathExpr, where a name without a value is an error (KeyError with all such names)."""
    missing = sorted({name for name in _TOKEN.findall(text) if name and not env.get(name)})
    if missing:
        raise KeyError(*missing)
    return expand(text, env)
