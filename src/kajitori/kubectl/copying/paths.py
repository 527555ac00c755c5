"""``[[namespace/]pod:]path`` words, and paths that must not leave their folder. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from kajitori.kubectl.flags import UsageError


@dataclass(frozen=True)
class Place:
    """`pod` is empty for a path on this machine."""

    path: str
    pod: str = ""
    namespace: str = ""


def parse(word: str) -> Place:
    """Raises UsageError."""
    if word.startswith(":"):
        raise _no_format()
    pod, colon, path = word.partition(":")
    if not colon:
        return Place(_no_slash(word))
    parts = pod.split("/")
    if len(parts) > 2:
        raise _no_format()
    return Place(_no_slash(path), parts[-1], parts[0] if len(parts) == 2 else "")


def _no_format() -> UsageError:
    return UsageError("error: filespec must match the canonical format: [[namespace/]pod:]file/path")


def _no_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def stripped(path: str) -> str:
    """What a tar stream of `path` names its members: no leading slash, no way up."""
    clean = posixpath.normpath(path.lstrip("/\\")) if path.lstrip("/\\") else ""
    while clean.startswith("../"):
        clean = clean[3:]
    return "" if clean in (".", "..") else clean.lstrip("/")


def inside(folder: str, target: str) -> bool:
    """Whether `target` stays within `folder`, by the words alone."""
    relative = posixpath.relpath(target, folder)
    return relative == "." or not (relative == ".." or relative.startswith("../"))
