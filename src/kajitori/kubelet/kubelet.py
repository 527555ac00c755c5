"""The kubelet, put together. The nesting of the groups is the stopping order; running containers stay.

With a kubeconfig it serves an API server; it does not wait for one: static pods run first, since the API server may
be one of them. May import: everything of the kubelet, client, api, machinery, aiokit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import forever

from .cgroups import Cgroups
from .configuration import Config
from .cri.channel import Channel
from .cri.client import ImageClient, RuntimeClient
from .environment import build, expand
from .images.gc import ImageGarbageCollection
from .images.manager import MAX_PARALLEL_PULLS, ImageManager
from .interfaces import CRIError
from .node.agent import NodeAgent
from .node.eviction import Eviction
from .node.localstorage import LocalStorage
from .node.machine import Machine, own_address, read_machine
from .node.status import NodeSettings, allocatable
from .probes import ProbeManager
from .recorder import LogRecorder
from .runtime.dns import ResolvConf, host_resolv_conf
from .runtime.logs import LogRotation
from .runtime.runtime import Runtime
from .runtime.sandbox import log_directory
from .sources.api import ApiPods
from .sources.files import StaticPods
from .status.manager import StatusManager
from .volumes import ApiSource, VolumeManager
from .worker.context import Context, NodeFacts
from .worker.crashloop import CrashLoop
from .worker.workers import PodWorkers

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod
    from kajitori.client.rest import Client

log = get_logger(__name__)
SOCKET_WAIT_S = 0.05


class Kubelet:
    """One node's agent. `run` serves until cancelled."""

    def __init__(self, config: Config, client: Client | None = None, clock: Clock | None = None) -> None:
        self.config, self.client = config, client
        self.clock = clock or RealClock()
        self.workers: PodWorkers
        self.agent: NodeAgent
        self._api: ApiPods | None = None
        self._static: StaticPods | None = None
        self._files_read = False

    async def run(self) -> None:
        """Everything, until cancelled."""
        config = self.config
        _make_root(config.root_dir)
        await self._wait_for_socket()
        async with Channel(config.runtime_endpoint) as channel, self._recorder() as recorder:
            runtime = Runtime(RuntimeClient(channel), ImageClient(channel))
            machine = read_machine(config.root_dir)
            self._build(runtime, machine, recorder)
            await self._serve(channel, runtime)

    async def _wait_for_socket(self) -> None:
        """The runtime may be starting beside us."""
        path = self.config.runtime_endpoint.removeprefix("unix://")
        told = False
        while not os.path.exists(path):  # noqa: ASYNC240, PTH110 - one cheap look
            if not told:
                log.info("waiting for the container runtime", endpoint=self.config.runtime_endpoint)
                told = True
            await self.clock.sleep(SOCKET_WAIT_S)

    @contextlib.asynccontextmanager
    async def _recorder(self) -> AsyncIterator[Any]:
        if self.client is None:
            yield LogRecorder()
            return
        from kajitori.client.events import EventRecorder

        recorder = EventRecorder(self.client, "kubelet", self.config.node_name)
        try:
            yield recorder
        finally:
            await recorder.close()

    def _settings(self) -> NodeSettings:
        config = self.config
        memory = config.eviction_hard.get("memory.available", "0")
        disk = config.eviction_hard.get("nodefs.available", "0%")
        return NodeSettings(
            name=config.node_name,
            ips=config.node_ips or (own_address(),),
            labels=config.node_labels,
            taints=config.register_taints,
            unschedulable=not config.register_schedulable,
            max_pods=config.max_pods,
            reserved=config.reserved,
            eviction_memory=memory if not memory.endswith("%") else "0",
            eviction_disk_percent=float(disk[:-1]) if disk.endswith("%") else 0.0,
            kubelet_port=config.server.port,
            provider_id=config.provider_id,
        )

    def _build(self, runtime: Runtime, machine: Machine, recorder: Any) -> None:
        config, clock = self.config, self.clock
        settings = self._settings()
        self.source = ApiSource(self.client)
        room = allocatable(machine, settings)
        self.volumes = VolumeManager(
            root_dir=config.root_dir, source=self.source, node_name=config.node_name, clock=clock, allocatable=room
        )
        self.probes = ProbeManager(
            runtime=runtime, recorder=recorder, on_result=lambda result: self.workers.probed(result), clock=clock
        )
        self.cgroups = Cgroups(config.cgroup_root)
        self.cgroups.prepare_node()
        parallel = 1 if config.serialize_image_pulls else (config.max_parallel_image_pulls or MAX_PARALLEL_PULLS)
        images = ImageManager(runtime.images, recorder, clock, max_parallel=parallel)
        self.status = StatusManager(self.client)
        self.agent = NodeAgent(
            client=self.client,
            runtime=runtime,
            machine=machine,
            settings=settings,
            recorder=recorder,
            clock=clock,
            on_network=lambda: self.workers.wake_all(),
            register=config.register_node,
        )
        self.context = Context(
            facts=self._facts(settings, machine, room),
            runtime=runtime,
            images=images,
            volumes=self.volumes,
            environment=build,
            expand=expand,
            source=self.source,
            probes=self.probes,
            recorder=recorder,
            cgroups=self.cgroups,
            clock=clock,
            status=self.status,
            crashes=CrashLoop(max_s=config.max_restart_period_s),
            network_error=lambda: self.agent.network_error,
            node=lambda: self.agent.node,
            fresh_node=self.agent.fresh,
            features=lambda: self.agent.features,
        )
        self.workers = PodWorkers(self.context)

    def _facts(self, settings: NodeSettings, machine: Machine, room: dict[str, str]) -> NodeFacts:
        return NodeFacts(
            node_name=self.config.node_name,
            root_dir=self.config.root_dir,
            logs_root=self.config.pod_logs_dir,
            container_logs=self.config.container_logs_dir,
            host_ips=settings.ips,
            cluster_dns=self.config.cluster_dns,
            cluster_domain=self.config.cluster_domain,
            host_resolv=_resolv(self.config.resolv_conf),
            memory_capacity=machine.memory_bytes,
            allocatable=room,
            seccomp_default=self.config.seccomp_default,
            enforce_cpu_quota=self.config.cpu_cfs_quota,
            allowed_unsafe_sysctls=self.config.allowed_unsafe_sysctls,
        )

    # Sources

    def _set_static(self, pod: Pod) -> None:
        self.workers.set_pod(pod)
        if self._api is not None:
            self._api.changed(pod)

    def _remove_static(self, pod: Pod) -> None:
        self.workers.remove_pod(pod.metadata.uid or "")
        if self._api is not None:
            self._api.changed(pod)

    def _set_api(self, pod: Pod) -> None:
        self.status.seen(pod)
        self.workers.set_pod(pod)

    def _remove_api(self, uid: str) -> None:
        self.workers.remove_pod(uid)
        self.status.forget(uid)

    def static_pods(self) -> list[Pod]:
        """Those of the manifests as they are now."""
        return list(self._static.pods.values()) if self._static is not None else []

    async def _complete(self) -> None:
        """Once files and API server have been heard, what else runs is nobody's."""
        if self._api is not None:
            await self._api.informer.synced()
        while not self._files_read:
            await self.clock.sleep(SOCKET_WAIT_S)
        self.workers.sources_are_complete()

    # Serving

    async def _serve(self, channel: Channel, runtime: Runtime) -> None:
        self.agent.event("Starting", "Starting kubelet.")
        with contextlib.suppress(CRIError):
            await self.agent.check_runtime()
        async with asyncio.TaskGroup() as group:

            def start(work: Any, name: str) -> None:
                group.create_task(forever(work, name), name=name)

            start(self.source.run(), "object sources")
            start(self.volumes.run(), "volumes")
            start(self.probes.run(), "probes")
            start(self.status.run(), "pod status")
            start(self.agent.watch_runtime(), "runtime status")
            for work, name in self._housekeeping(runtime):
                start(work.run(), name)
            await self._start_server(start, runtime)
            await self._start_sources(start, group)
            start(self.workers.run(channel), "pod workers")
            await asyncio.Event().wait()

    def _housekeeping(self, runtime: Runtime) -> list[tuple[Any, str]]:
        config, workers = self.config, self.workers
        rotation = LogRotation(
            runtime, workers.records, self.clock, max_bytes=config.log_max_bytes, max_files=config.log_max_files
        )
        images = ImageGarbageCollection(
            runtime,
            workers.images_in_use,
            self.clock,
            high_percent=config.image_gc_high_percent,
            low_percent=config.image_gc_low_percent,
            min_age_s=config.image_minimum_age_s,
            tell=lambda reason, message: self.agent.event(reason, message, "Warning"),
        )
        storage = LocalStorage(
            pods=workers.evictable,
            usage=runtime.container_usage,
            owner_of=workers.owner_of,
            pod_dir=self.context.facts.pod_dir,
            log_dir=lambda pod: log_directory(pod, config.pod_logs_dir),
        )
        eviction = Eviction(
            root_dir=config.root_dir,
            limits=config.eviction_hard,
            pressure=self.agent.pressure,
            pods=workers.evictable,
            usage=runtime.container_usage,
            owner_of=workers.owner_of,
            evict=workers.evict,
            greedy=storage.greedy,
            changed=self.agent.touch,
            clock=self.clock,
        )
        return [(rotation, "log rotation"), (images, "image garbage collection"), (eviction, "eviction")]

    async def _start_server(self, start: Any, runtime: Runtime) -> None:
        from .server import KubeletServer

        server = KubeletServer(
            self.config.server, runtime=runtime, pods=self.workers, client=self.client, node_name=self.config.node_name
        )
        start(server.run(), "server")

    async def _start_sources(self, start: Any, group: asyncio.TaskGroup) -> None:
        if self.client is not None:
            from kajitori.client.informers import Informers

            informers = Informers(self.client)
            self._api = ApiPods(
                self.client,
                informers,
                node_name=self.config.node_name,
                clock=self.clock,
                on_set=self._set_api,
                on_remove=self._remove_api,
                static_pods=self.static_pods,
                node_uid=self.agent.uid,
            )
            self.status.mirror = self._api.mirror
            self._api.on_mirror = self.status.mirror_changed
            self._api.start()
            start(informers.run(), "informers")
            start(self._mirrors(), "mirror pods")
            start(self.agent.run(), "node")
        if self.config.static_pod_path:
            self._static = StaticPods(
                self.config.static_pod_path,
                node_name=self.config.node_name,
                clock=self.clock,
                on_set=self._set_static,
                on_remove=self._remove_static,
                on_synced=self._files_are_read,
            )
            start(self._static.run(), "static pods")
        else:
            self._files_read = True
        group.create_task(self._complete(), name="sources complete")

    def _files_are_read(self) -> None:
        self._files_read = True

    async def _mirrors(self) -> None:
        """Mirror pods are owned by the node, so it has to be registered first."""
        assert self._api is not None
        await self.agent.registered.wait()
        self.agent.event("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods")
        await self._api.run()


def _make_root(root_dir: str) -> None:
    Path(root_dir, "pods").mkdir(parents=True, exist_ok=True, mode=0o750)


def _resolv(path: str) -> ResolvConf:
    try:
        return host_resolv_conf(path)
    except OSError as error:
        log.warning("cannot read resolver configuration", path=path, err=str(error))
        return ResolvConf()
