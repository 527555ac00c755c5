"""Pods and nodes in a few words, profiles and whole schedulers without an API server."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.scheduler import views as v
from kajitori.scheduler.cache import Cache
from kajitori.scheduler.cycle import Cycle
from kajitori.scheduler.framework import CycleState, Handle, Verdict
from kajitori.scheduler.handlers import Handlers
from kajitori.scheduler.nodeinfo import NodeInfo
from kajitori.scheduler.nominator import Nominator
from kajitori.scheduler.plugins.registry import DEFAULT_PLUGINS
from kajitori.scheduler.podinfo import PodInfo
from kajitori.scheduler.profile import PluginChoice, Profile
from kajitori.scheduler.queue import SchedulingQueue
from kajitori.scheduler.scheduling import Decider


def a_node(name: str = "n1", *, cpu: str = "4", memory: str = "8Gi", pods: str = "110", **more: Any) -> v.Node:
    """`labels`, `spec` and `allocatable` on top of a usual node."""
    labels = {"kubernetes.io/hostname": name, **more.get("labels", {})}
    wire = {
        "metadata": {"name": name, "uid": f"node-{name}", "labels": labels},
        "spec": more.get("spec", {}),
        "status": {
            "allocatable": {"cpu": cpu, "memory": memory, "pods": pods, **more.get("allocatable", {})},
            "images": more.get("images", []),
        },
    }
    return msgspec.convert(wire, v.Node)


def a_pod(name: str = "p", *, cpu: str = "", memory: str = "", labels: Mapping[str, str] = {}, **spec: Any) -> v.Pod:
    """Wire names in `spec`; `meta` and `status` may be given too."""
    requests = {k: q for k, q in (("cpu", cpu), ("memory", memory)) if q}
    meta, status = spec.pop("meta", {}), spec.pop("status", {})
    wire = {
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}", "labels": dict(labels), **meta},
        "spec": {"containers": [{"name": "c", "image": "x", "resources": {"requests": requests}}], **spec},
        "status": status,
    }
    return msgspec.convert(wire, v.Pod)


class World:
    """Everything of the scheduler but informers and API server."""

    def __init__(self, *, plugins: Sequence[Any] = DEFAULT_PLUGINS, args: Mapping[str, Any] = {}) -> None:
        self.clock = FakeClock()
        self.cache, self.nominator = Cache(), Nominator()
        self.objects: dict[str, list[Any]] = {}
        self.namespaces: dict[str, dict[str, str]] = {}
        self.bound: dict[str, str] = {}
        self.patches: dict[str, list[dict[str, Any]]] = {}
        self.evicted: list[str] = []
        self.events: list[str] = []
        self.bind_errors: list[Exception] = []
        handle = Handle(
            nodes=self.cache.nodes,
            namespace_labels=lambda name: self.namespaces.get(name, {}),
            total_nodes=lambda: len(self.cache.nodes),
            image_nodes=self.cache.image_nodes,
            list_objects=lambda kind, namespace: self.objects.get(kind, []),
            get_object=lambda kind, ns, name: next(
                (o for o in self.objects.get(kind, []) if o.metadata.name == name), None
            ),
            profile_of=lambda _: self.profile,
            bind=self.bind,
        )
        choices = [PluginChoice(p, args=args.get(p.name)) for p in plugins]
        self.profile = Profile("default-scheduler", choices, handle)
        self.queue = SchedulingQueue(
            clock=self.clock,
            sort_key=self.profile.queue_sort.sort_key,
            retry_on=self.profile.retry_on(),
            pre_enqueue=self.profile.pre_enqueue,
        )
        self.handlers = Handlers(self.cache, self.queue, self.nominator, {"default-scheduler"})
        self.decider = Decider(rng=random.Random(1))
        self.cycle = Cycle(
            profiles={"default-scheduler": self.profile},
            cache=self.cache,
            queue=self.queue,
            nominator=self.nominator,
            decider=self.decider,
            api=self,
            events=self,
            clock=self.clock,
            is_current=self.handlers.is_current,
        )

    # the API, faked

    async def bind(self, pod: PodInfo, binding: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        if self.bind_errors:
            raise self.bind_errors.pop(0)
        self.bound[pod.name] = binding["target"]["name"]

    async def patch_status(self, pod: PodInfo, patch: dict[str, Any]) -> None:
        self.patches.setdefault(pod.name, []).append(patch)

    async def evict(self, victim: PodInfo, condition: dict[str, Any]) -> None:
        self.evicted.append(victim.name)

    def event(self, obj: Any, type: str, reason: str, message: str) -> None:  # noqa: A002
        self.events.append(f"{type} {reason} {obj.metadata.name}: {message}")

    # steps

    def add_nodes(self, *nodes: v.Node) -> None:
        for node in nodes:
            self.handlers.node_added(node)

    def run_on(self, node: str, *pods: v.Pod) -> None:
        """These Pods run there already."""
        for pod in pods:
            pod.spec.node_name = node
            self.handlers.pod_added(pod)

    def decide(self, pod: v.Pod) -> str:
        """The node for a Pod; raises FitError."""
        return self.decider.decide(
            self.profile, CycleState(), PodInfo(pod), self.cache.node_list(), self.cache.nodes, self.nominator.on
        ).node_name

    def scores(self, pod: v.Pod) -> dict[str, int]:
        cycle, info = CycleState(), PodInfo(pod)
        self.profile.pre_filter(cycle, info, self.cache.nodes)
        return self.profile.score(cycle, info, self.cache.node_list())

    def verdict(self, pod: v.Pod, node: str) -> Verdict:
        cycle, info = CycleState(), PodInfo(pod)
        verdict, _, _ = self.profile.pre_filter(cycle, info, self.cache.nodes)
        if verdict.is_rejected:
            return verdict
        return self.profile.run_filters(cycle, info, self.cache.nodes[node])


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def new_world() -> Callable[..., World]:
    return World


@pytest.fixture
def node() -> Callable[..., v.Node]:
    return a_node


@pytest.fixture
def pod() -> Callable[..., v.Pod]:
    return a_pod


@pytest.fixture
def node_info() -> Callable[..., NodeInfo]:
    return lambda *args, **more: NodeInfo(a_node(*args, **more))
