"""What an image's name says of how to pull it. Pure. May import: machinery.imagereference."""

from __future__ import annotations

import functools
import re

from kajitori.machinery.imagereference import REFERENCE

_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_MAX_PATH = 255
_OFFICIAL = "library/"


@functools.lru_cache(maxsize=4096)
def pull_policy(image: str) -> str:
    """Always for ``:latest`` or neither tag nor digest; otherwise IfNotPresent, for what is no image's name too."""
    found = REFERENCE.fullmatch(image)
    if found is None or _IDENTIFIER.fullmatch(image):
        return "IfNotPresent"
    if len(found["path"]) + len(_OFFICIAL) * ("/" not in image) > _MAX_PATH:
        return "IfNotPresent"
    return "Always" if (found["tag"] or ("" if found["digest"] else "latest")) == "latest" else "IfNotPresent"
