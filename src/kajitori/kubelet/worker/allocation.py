"""What the node has allocated to a Pod's containers (KEP-1287), as a kubelet that starts anew reads it from the status.

Pure. May import: api, of the kubelet `pods`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..pods import is_sidecar, name_of

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, ResourceRequirements


def resizable(pod: Pod) -> Iterator[Container]:
    """Containers that keep running: the regular ones and the sidecars."""
    yield from (container for container in pod.spec.init_containers if is_sidecar(container))
    yield from pod.spec.containers


def remembered(pod: Pod) -> dict[str, ResourceRequirements | None]:
    """What was allocated to each container: what the status says of one that was started, else the spec."""
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    known = {s.name: s.resources for s in statuses if s.container_id and s.resources is not None}
    return {name_of(c): known.get(c.name, c.resources) for c in resizable(pod)}
