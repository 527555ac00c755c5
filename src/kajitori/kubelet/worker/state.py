"""What a worker knows of its Pod: the object, what the runtime has of it, how far its end has come.

One worker owns it and lends it to the functions that act for it and to those that publish. May import: api, machinery,
of the kubelet `runtime`, `status`, `worker.context`, `worker.missing`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kajitori.machinery.times import format_time

from ..runtime.records import PodRecord
from ..status.containers import Waiting
from .allocation import remembered
from .context import Context
from .missing import MissingObjects

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod


class PodState:
    """`wake` is called when something that the Pod waits for has come."""

    def __init__(self, ctx: Context, pod: Pod, wake: Callable[[], None]) -> None:
        self.ctx = ctx
        self.pod = pod
        self.uid = pod.metadata.uid or ""
        self.record = PodRecord(self.uid)
        self.started_at = format_time(ctx.clock.now())
        self.waits: dict[str, Waiting] = {}
        """Why containers that should run do not, by name."""
        self.missing = MissingObjects(ctx.source, wake)
        self.failed: tuple[str, str] | None = None
        """Reason and message of a Pod that fails as a whole: refused, evicted, past its deadline."""
        self.wake = wake
        self.allocated = remembered(pod)
        """What each container may use, by name; the spec may ask for more or less (`worker.resize`)."""
        self.resize_pending: tuple[str, str] | None = None
        """Reason and message of a resize that the node does not allow (yet)."""
        self.resize_error = ""
        self.is_rejected = False
        self.is_terminating = False
        self.is_killed = False
        self._unhealthy: dict[str, str] = {}

    async def refresh(self) -> None:
        """Read the runtime again."""
        self.record = await self.ctx.runtime.pod(self.uid)
        ids = [s.id for s in self.record.sandboxes] + [c.id for c in self.record.containers]
        self.ctx.note_ids(self.uid, ids)
        live = {c.id for c in self.record.running}
        self._unhealthy = {id_: kind for id_, kind in self._unhealthy.items() if id_ in live}
        for container in self.record.running:
            self.waits.pop(container.name, None)

    @property
    def is_down(self) -> bool:
        """Whether it ends, and nothing of it runs any more."""
        return self.is_terminating and not self.record.running

    # Probes' view, for `plan`

    def is_started(self, container: str) -> bool:
        return self.ctx.probes.is_started(self.uid, container)

    def failure(self, container_id: str) -> str:
        """The kind of probe that failed for good ("" if none did)."""
        return self._unhealthy.get(container_id, "")

    def note_failure(self, container_id: str, kind: str) -> None:
        """A liveness or startup probe failed for good."""
        self._unhealthy[container_id] = kind
