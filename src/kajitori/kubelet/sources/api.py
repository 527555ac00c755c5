"""Pods from the API server: those bound to this node, static pods' mirrors set apart.

May import: client, api, machinery, aiokit; of the kubelet `pods`, `sources.mirror`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.workqueue import WorkQueue
from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.client.informers import Informers
from kajitori.client.rest import Client
from kajitori.machinery.errors import StatusError

from ..pods import is_mirror, key_of
from .mirror import delete_mirror, ensure_mirror

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
RETRY_S = 0.5


class ApiPods:
    """Feeds the workers from an informer; keeps one mirror per static pod."""

    def __init__(
        self,
        client: Client,
        informers: Informers,
        *,
        node_name: str,
        clock: Clock,
        on_set: Callable[[Pod], None],
        on_remove: Callable[[str], None],
        static_pods: Callable[[], list[Pod]],
        node_uid: Callable[[], str],
    ) -> None:
        self._client, self._node_name, self._clock = client, node_name, clock
        self._on_set, self._on_remove = on_set, on_remove
        self._static_pods, self._node_uid = static_pods, node_uid
        self._mirrors: dict[str, Pod] = {}
        self._queue: WorkQueue[str] = WorkQueue()
        self.on_mirror: Callable[[str], None] = lambda _key: None
        self.informer = informers.of(v1.Pod, field_selector=f"spec.nodeName={node_name}")

    def start(self) -> None:
        """Begin to listen."""
        self.informer.add_handler(self._set, lambda _old, new: self._set(new), self._deleted)

    def mirror(self, key: str) -> Pod | None:
        """The mirror of the static pod of this name."""
        return self._mirrors.get(key)

    def changed(self, static: Pod) -> None:
        """A static pod came, changed or went."""
        self._queue.add(key_of(static))

    def _set(self, pod: Pod) -> None:
        if is_mirror(pod):
            self._mirrors[key_of(pod)] = pod
            self._queue.add(key_of(pod))
            self.on_mirror(key_of(pod))
            return
        self._on_set(schema.clone(pod))

    def _deleted(self, pod: Pod) -> None:
        if is_mirror(pod):
            self._mirrors.pop(key_of(pod), None)
            self._queue.add(key_of(pod))
            return
        self._on_remove(pod.metadata.uid or "")

    async def run(self) -> None:
        """Keep mirrors as they should be, until cancelled."""
        await self.informer.synced()
        for pod in self._static_pods():
            self.changed(pod)
        while True:
            key = await self._queue.get()
            try:
                await self._reconcile(key)
            except (StatusError, OSError) as error:
                log.v(2).info("mirror pod will be retried", pod=key, err=describe(error))
                self._queue.add_after(key, RETRY_S)
            finally:
                self._queue.done(key)

    async def _reconcile(self, key: str) -> None:
        static = next((p for p in self._static_pods() if key_of(p) == key), None)
        present = self._mirrors.get(key)
        if static is None:
            if present is not None:
                await delete_mirror(self._client, present)
            return
        await ensure_mirror(self._client, static, present, node_name=self._node_name, node_uid=self._node_uid())
