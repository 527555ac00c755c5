"""The scheduler assembled: informers, cache, queue, profiles and cycle, and what it asks of the API server.

May import: scheduler.*, client, aiokit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.client.informer import Informer
from kajitori.client.informers import Informers
from kajitori.client.objects import ObjectKey
from kajitori.client.rest import Client
from kajitori.scheduler import metrics, views
from kajitori.scheduler.cache import Cache
from kajitori.scheduler.config import Config
from kajitori.scheduler.cycle import Api, Cycle, Events
from kajitori.scheduler.framework import Handle, Verdict
from kajitori.scheduler.handlers import Handlers
from kajitori.scheduler.nominator import Nominator
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.profile import DEFAULT_NAME, Profile
from kajitori.scheduler.queue import SchedulingQueue
from kajitori.scheduler.scheduling import Decider

_OTHERS = (
    views.Namespace,
    views.Service,
    views.ReplicaSet,
    views.StatefulSet,
    views.ReplicationController,
    views.PodDisruptionBudget,
)


class ClusterApi(Api):
    """The three calls that scheduling needs, on the raw client: their bodies are never decoded into structs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def bind(self, pod: PodInfo, binding: dict[str, Any]) -> object:
        return await self._client.raw("POST", f"{_url(pod)}/binding", body=binding)

    async def patch_status(self, pod: PodInfo, patch: dict[str, Any]) -> object:
        """A strategic merge patch of pods/status: a condition replaces the one of its type."""
        return await self._client.raw(
            "PATCH", f"{_url(pod)}/status", body=patch, content_type="application/strategic-merge-patch+json"
        )

    async def evict(self, victim: PodInfo, condition: dict[str, Any]) -> object:
        """First says why in the victim's status (DisruptionTarget), then deletes it, if it is still the same Pod."""
        await self.patch_status(victim, {"status": {"conditions": [condition]}})
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": victim.uid}}
        return await self._client.raw("DELETE", _url(victim), body=body)


def _url(pod: PodInfo) -> str:
    return f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}"


class Scheduler:
    def __init__(
        self,
        config: Config,
        informers: Informers,
        api: Api,
        events: Events,
        *,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self.cache = Cache()
        self.nominator = Nominator()
        self._informers: dict[str, Informer[Any]] = {kind.KIND: informers.of(kind) for kind in _OTHERS}
        pods = self._pods = informers.of(views.Pod, field_selector="status.phase!=Succeeded,status.phase!=Failed")
        nodes = self._nodes = informers.of(views.Node)
        self.profiles: dict[str, Profile] = {}
        handle = self._handle(api)
        for profile in config.profiles:
            self.profiles[profile.name] = Profile(profile.name, profile.plugins, handle)
        first = next(iter(self.profiles.values()))
        self.queue = SchedulingQueue(
            clock=clock,
            sort_key=first.queue_sort.sort_key,
            retry_on={name: events_ for p in self.profiles.values() for name, events_ in p.retry_on().items()},
            pre_enqueue=self._pre_enqueue,
            initial_backoff_s=config.initial_backoff_s,
            max_backoff_s=config.max_backoff_s,
        )
        self.handlers = Handlers(self.cache, self.queue, self.nominator, self.profiles)
        nodes.add_handler(self.handlers.node_added, self.handlers.node_updated, self.handlers.node_deleted)
        pods.add_handler(self.handlers.pod_added, self.handlers.pod_updated, self.handlers.pod_deleted)
        self.cycle = Cycle(
            profiles=self.profiles,
            cache=self.cache,
            queue=self.queue,
            nominator=self.nominator,
            decider=Decider(percentage=config.percentage_of_nodes_to_score, rng=rng),
            api=api,
            events=events,
            clock=clock,
            is_current=self.handlers.is_current,
        )

    @property
    def has_synced(self) -> bool:
        return all(informer.has_synced for informer in self._all())

    def _all(self) -> list[Informer[Any]]:
        return [self._nodes, self._pods, *self._informers.values()]

    async def synced(self) -> None:
        for informer in self._all():
            await informer.synced()

    async def run(self) -> None:
        """Schedule until cancelled."""
        try:
            await self.cycle.run()
        finally:
            self.queue.close()

    def _pre_enqueue(self, pod: PodInfo) -> Verdict:
        return self.profiles[pod.spec.scheduler_name or DEFAULT_NAME].pre_enqueue(pod)

    def _handle(self, api: Api) -> Handle:
        return Handle(
            nodes=self.cache.nodes,
            namespace_labels=self._namespace_labels,
            total_nodes=lambda: len(self.cache.nodes),
            image_nodes=self.cache.image_nodes,
            list_objects=self._list,
            get_object=self._get,
            profile_of=lambda pod: self.profiles[pod.spec.scheduler_name or DEFAULT_NAME],
            bind=api.bind,
        )

    def _namespace_labels(self, name: str) -> dict[str, str]:
        namespace = self._get("Namespace", "", name)
        return namespace.metadata.labels if namespace is not None else {}

    def _list(self, kind: str, namespace: str) -> Sequence[Any]:
        informer = self._informers.get(kind)
        if informer is None:
            return ()
        return informer.lister.in_namespace(namespace) if namespace else informer.lister.list()

    def _get(self, kind: str, namespace: str, name: str) -> Any:
        informer = self._informers.get(kind)
        return informer.lister.get(ObjectKey(namespace, name)) if informer is not None else None

    def expose_pending(self) -> None:
        """Adds the queue's lengths to the metrics."""
        metrics.REGISTRY.callback(
            "scheduler_pending_pods",
            "Pods that wait, by where: active, in backoff, unschedulable, or gated.",
            ("queue",),
            lambda: {(name,): float(count) for name, count in self.queue.pending().items()},
            "STABLE",
        )
