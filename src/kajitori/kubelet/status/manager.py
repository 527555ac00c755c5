"""Writes the status of Pods to the API server: the newest only, the changed part only, one write per Pod at a time.

A static pod's status goes to its mirror. When nothing of a deleted Pod is left on the node, its object is deleted,
after its last status was written. Without an API server statuses are merely kept. May import: client, api, machinery,
aiokit; of the kubelet `pods`, `status.*`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background
from kajitori.aiokit.workqueue import WorkQueue
from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.client.rest import Client
from kajitori.machinery.errors import Conflict, NotFound, StatusError

from ..pods import is_static, key_of
from .conditions import OWNED, RESIZE

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod, PodStatus

log = get_logger(__name__)
WRITERS = 8
RETRY_S = 0.5
"""Constant: after an outage of the API server everything is written again within a second."""
Wire = dict[str, Any]


def status_patch(old: Wire, new: Wire) -> Wire:
    """The strategic merge patch of ``status`` that turns old into new; empty if they are equal."""
    patch: Wire = {}
    for field in {**old, **new}:
        before, after = old.get(field), new.get(field)
        if before == after:
            continue
        if field == "conditions":
            mine = {*OWNED, "PodScheduled", "DisruptionTarget"}
            known = {c["type"]: c for c in before or ()}
            changed = [c for c in after or () if c["type"] in mine and known.get(c["type"]) != c]
            nulls: list[Wire] = [{**dict.fromkeys(set(known.get(c["type"], ())) - set(c)), **c} for c in changed]
            left = {c["type"] for c in after or ()}
            nulls += [{"$patch": "delete", "type": kind} for kind in RESIZE if kind in known and kind not in left]
            if nulls:
                order = [{"type": c["type"]} for c in after or ()]
                patch["$setElementOrder/conditions"] = order
                patch["conditions"] = nulls
        elif field in ("podIPs", "hostIPs") and before:
            patch[field] = [{"$patch": "replace"}, *(after or ())]
        else:
            patch[field] = after
    return patch


class StatusManager:
    """Implements `worker.context.StatusSink`."""

    def __init__(self, client: Client | None, mirror: Callable[[str], Pod | None] = lambda _key: None) -> None:
        self._client, self.mirror = client, mirror
        self._queue: WorkQueue[str] = WorkQueue()
        self._pods: dict[str, Pod] = {}
        self._wanted: dict[str, PodStatus] = {}
        self._written: dict[str, tuple[str, Wire]] = {}
        self._terminated: set[str] = set()

    def set(self, pod: Pod, status: PodStatus) -> None:
        """Wants this status written for the Pod; does not wait. An older one that is still unwritten is forgotten."""
        uid = pod.metadata.uid or ""
        if uid not in self._pods and not is_static(pod):
            # What the API has is what it last had from us: nothing to write if it is the same.
            self._written.setdefault(uid, (uid, {}))
        self._pods[uid], self._wanted[uid] = pod, status
        self._queue.add(uid)

    def terminated(self, pod: Pod) -> None:
        """Nothing of the Pod is left on the node: its object may go, once its last status is written."""
        self._terminated.add(pod.metadata.uid or "")
        self._queue.add(pod.metadata.uid or "")

    def seen(self, pod: Pod) -> None:
        """The API's object as an informer shows it: where the first patch starts from."""
        uid = pod.metadata.uid or ""
        if uid not in self._written:
            self._written[uid] = (uid, schema.to_wire(pod.status))

    def mirror_changed(self, key: str) -> None:
        """A mirror came or changed: write the static pod's status to it."""
        for uid, pod in self._pods.items():
            if is_static(pod) and key_of(pod) == key:
                self._queue.add(uid)

    def forget(self, uid: str) -> None:
        """The object is gone."""
        self._pods.pop(uid, None)
        self._wanted.pop(uid, None)
        self._written.pop(uid, None)
        self._terminated.discard(uid)

    async def run(self) -> None:
        """Write until cancelled."""
        writers = Background("pod status writers")
        try:
            for number in range(1, WRITERS):
                writers.start(self._write_forever(), name=f"pod status {number}")
            await self._write_forever()
        finally:
            await writers.stop()

    async def _write_forever(self) -> None:
        while True:
            uid = await self._queue.get()
            try:
                if self._client is not None and uid in self._wanted:
                    await self._write(self._client, uid)
            except (StatusError, OSError) as error:
                log.v(2).info("pod status will be written again", uid=uid, err=describe(error))
                self._queue.add_after(uid, RETRY_S)
            finally:
                self._queue.done(uid)

    async def _write(self, client: Client, uid: str) -> None:
        pod, wanted = self._pods[uid], schema.to_wire(self._wanted[uid])
        target = self.mirror(key_of(pod)) if is_static(pod) else pod
        if target is None:
            return  # no mirror yet: it tells when it comes
        meta = target.metadata
        known_uid, known = self._written.get(uid, ("", {}))
        if known_uid != meta.uid:
            known = schema.to_wire(target.status) if is_static(pod) else {}
        patch = status_patch(known, wanted)
        try:
            if patch:
                body = {"metadata": {"uid": meta.uid}, "status": patch}
                await client.patch(v1.Pod, meta.name or "", body, namespace=meta.namespace, subresource="status")
                self._written[uid] = (meta.uid or "", wanted)
            if uid in self._terminated and pod.metadata.deletion_timestamp is not None and not is_static(pod):
                await client.delete(v1.Pod, meta.name or "", meta.namespace, grace_period_s=0, uid=meta.uid)
        except NotFound:
            if is_static(pod):
                self._written.pop(uid, None)
            else:
                self.forget(uid)
        except Conflict as error:
            log.v(2).info("pod was replaced meanwhile", pod=key_of(pod), err=describe(error))
            self._written.pop(uid, None)
