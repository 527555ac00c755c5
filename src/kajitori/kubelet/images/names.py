"""Image names: the default tag, the registry of a name, and whether it is a name at all.

Pure. May import: machinery.imagereference.
"""

from __future__ import annotations

import re

from kajitori.machinery.imagereference import REFERENCE

_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
DEFAULT_REGISTRY = "index.docker.io"


class InvalidImageName(ValueError):
    """Not an image reference; the text is upstream's."""


def with_default_tag(image: str) -> str:
    """``nginx`` → ``nginx:latest``; raises `InvalidImageName`."""
    if _IMAGE_ID.fullmatch(image):
        return image
    match = REFERENCE.fullmatch(image)
    if match is None:
        why = "repository name must be lowercase" if REFERENCE.fullmatch(image.lower()) else "invalid reference format"
        if why.startswith("repository"):
            why = f"invalid reference format: {why}"
        raise InvalidImageName(f'couldn\'t parse image name "{image}": {why}')
    return image if match["tag"] or match["digest"] else f"{image}:latest"


def registry_of(image: str) -> str:
    """The registry's host; Docker Hub for a bare name."""
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return DEFAULT_REGISTRY if first == "docker.io" else first
    return DEFAULT_REGISTRY


def repository_of(image: str) -> str:
    """``host/path`` without tag and digest, for matching credentials."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    name = f"{head}{slash}{last.partition(':')[0]}"
    host = registry_of(image)
    if host == DEFAULT_REGISTRY:
        path = name.removeprefix("docker.io/")
        return f"{host}/{path if '/' in path else f'library/{path}'}"
    return name
