"""Small texts that flags carry: images, ports, KEY=VALUE pairs, selectors, quantities. Pure. May import: machinery."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.names import random_suffix


def container_name(image: str, rng: random.Random | None = None) -> str:
    """``registry/x/nginx:1.2@sha256:…`` → ``nginx``; a name that had to be changed gets a random end."""
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    if any(sign in name for sign in "_."):
        name = f"{name.replace('_', '-').replace('.', '-')}-{random_suffix(rng or random.SystemRandom())}"
    return name


def pairs(words: Iterable[str], *, what: str = "label") -> dict[str, str]:
    """``a=b`` words as a mapping."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"error: unexpected {what} spec: {word}")
        found[key] = value
    return found


def labels(text: str) -> dict[str, str]:
    """``a=b,c=d`` as ParseLabels reads it."""
    found: dict[str, str] = {}
    for word in text.split(",") if text else ():
        key, equals, value = word.partition("=")
        if not equals or "=" in value:
            raise UsageError(f"error: unexpected label spec: {word}")
        found[key] = value
    return found


def int_or_text(text: str) -> int | str:
    """A port or budget: a number where it is one, else a name or percentage."""
    return int(text) if text.isdigit() else text


def environment(words: Sequence[str]) -> list[dict[str, str]]:
    """``NAME=VALUE`` words of ``--env``."""
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"error: invalid env: {word}")
        found.append({"name": name, "value": value})
    return found
