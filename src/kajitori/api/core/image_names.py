"""What an image's name says of how to pull it. Pure. May import: the standard library."""

from __future__ import annotations

import functools
import re

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?![a-f0-9]{{64}}\Z)(?:(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?"
    rf"(?P<path>{_PART}(?:/{_PART})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z",
    re.ASCII,
)
_MAX_PATH = 255
_OFFICIAL = "library/"


@functools.lru_cache(maxsize=4096)
def pull_policy(image: str) -> str:
    """Always for ``:latest`` or neither tag nor digest; otherwise IfNotPresent, for what is no image's name too."""
    found = _NAME.match(image)
    if found is None or len(found["path"]) + len(_OFFICIAL) * ("/" not in image) > _MAX_PATH:
        return "IfNotPresent"
    return "Always" if (found["tag"] or ("" if found["digest"] else "latest")) == "latest" else "IfNotPresent"
