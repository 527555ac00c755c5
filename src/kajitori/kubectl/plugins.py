"""Plugins: executables named ``kubectl-foo-bar`` on the PATH are the command ``kubectl foo bar``.

Imports nothing heavy.
"""

from __future__ import annotations

import shutil


def find_plugin(words: list[str]) -> list[str] | None:
    """The plugin for the longest run of leading words, with the arguments that are left; None if there is none."""
    names = _leading(words)
    while names:
        path = shutil.which("kubectl-" + "-".join(name.replace("-", "_") for name in names))
        if path:
            return [path, *words[len(names) :]]
        names.pop()
    return None


def _leading(words: list[str]) -> list[str]:
    """The words before the first flag."""
    found = []
    for word in words:
        if word.startswith("-"):
            break
        found.append(word)
    return found
