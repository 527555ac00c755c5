"""Ways through the parts of a pod spec. Pure, on wire dicts. May import: machinery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kajitori.machinery.fieldpath import Path

Object = Mapping[str, Any]
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


def containers_with_path(path: Path, spec: Object) -> Iterator[tuple[Path, Object]]:
    """Init, main and ephemeral containers of the spec at `path`, in this order."""
    for field in CONTAINER_LISTS:
        for position, container in enumerate(spec.get(field) or ()):
            yield path.child(field).index(position), container


def is_sidecar(container: Object) -> bool:
    """An init container that goes on running beside the main ones."""
    return container.get("restartPolicy") == "Always"
