"""Registers the node, keeps its status and its lease fresh, and tells events about both.

The status is looked at every ten seconds (at once when the runtime's network changes) and written when it changed, or
every five minutes. The lease is renewed every ten seconds. May import: client, api, machinery, aiokit; of the kubelet
`interfaces`, `node.*`, `runtime`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.api import schema
from kajitori.api.core import v1
from kajitori.client.rest import Client
from kajitori.machinery.errors import AlreadyExists, Conflict, NotFound, StatusError
from kajitori.machinery.times import format_micro_time, format_time

from ..interfaces import CRIError
from ..runtime.features import RuntimeFeatures, features_of
from ..runtime.runtime import Runtime
from .machine import Machine
from .status import NodeSettings, Observed, addresses, default_labels, new_node, node_status

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Node

log = get_logger(__name__)
STATUS_S, REPORT_S = 10.0, 300.0
LEASE_S, RENEW_S = 40, 10.0
NETWORK_WAIT_S = 0.2
RETRY_S = 0.25
LEASE_NAMESPACE = "kube-node-lease"


class Pressure:
    """What eviction has found out; all False until it runs."""

    memory = disk = pids = False


class NodeAgent:
    """One per kubelet."""

    def __init__(
        self,
        *,
        client: Client | None,
        runtime: Runtime,
        machine: Machine,
        settings: NodeSettings,
        recorder: Any,
        clock: Clock,
        on_network: Callable[[], None] = lambda: None,
        register: bool = True,
    ) -> None:
        self._client, self._runtime, self._recorder, self._clock = client, runtime, recorder, clock
        self.machine, self.settings = machine, settings
        self._on_network, self._register = on_network, register
        self.pressure = Pressure()
        self.node: Node | None = None
        self.network_error = "container runtime status check may not have completed yet"
        self.runtime_error = ""
        self.features = RuntimeFeatures()
        self._runtime_version = ""
        self._told: dict[str, bool] = {}
        self._reported_s = float("-inf")
        self._changed = asyncio.Event()
        self.registered = asyncio.Event()

    @property
    def reference(self) -> dict[str, Any]:
        """What node events are about: upstream uses the name as UID."""
        return {"kind": "Node", "name": self.settings.name, "uid": self.settings.name, "apiVersion": "v1"}

    def uid(self) -> str:
        """The object's UID, once registered."""
        return (self.node.metadata.uid or "") if self.node is not None else ""

    def event(self, reason: str, message: str, kind: str = "Normal") -> None:
        """About the node."""
        self._recorder.event(self.reference, kind, reason, message)

    def touch(self) -> None:
        """Look at the status now."""
        self._changed.set()

    # The runtime

    async def check_runtime(self) -> None:
        """Ask the runtime whether it and its network are ready."""
        try:
            if not self._runtime_version:
                version = await self._runtime.cri.version()
                self._runtime_version = f"{version.runtime_name}://{version.runtime_version}"
            answer = await self._runtime.cri.status()
        except CRIError as error:
            self._set_network("container runtime is down")
            self.runtime_error = (
                f"[container runtime is down: {error.detail}]" if error.detail else "[container runtime is down]"
            )
            return
        self.runtime_error = ""
        self.features = features_of(answer)
        network = next((c for c in answer.status.conditions if c.type == "NetworkReady"), None)
        ok = network is not None and network.status
        if ok or network is None:
            self._set_network("" if ok else "unknown")
        else:
            text = f"NetworkReady=false reason:{network.reason} message:{network.message}"
            self._set_network(f"container runtime network not ready: {text}")

    def _set_network(self, error: str) -> None:
        if error != self.network_error:
            self.network_error = error
            self._on_network()
            self.touch()

    async def watch_runtime(self) -> None:
        """Until cancelled: often while the network is missing, seldom once it is there."""
        while True:
            await self.check_runtime()
            await self._clock.sleep(NETWORK_WAIT_S if self.network_error else STATUS_S)

    # The object

    async def observe(self) -> Observed:
        """The state to report."""
        try:
            images = await self._runtime.images.list_images()
        except CRIError:
            images = ()
        return Observed(
            now=format_time(self._clock.now()),
            runtime_version=self._runtime_version,
            not_ready=self.runtime_error or self.network_error,
            memory_pressure=self.pressure.memory,
            disk_pressure=self.pressure.disk,
            pid_pressure=self.pressure.pids,
            images=images,
            features=self.features,
        )

    async def run(self) -> None:
        """Register, then report until cancelled. Failures are retried: the API server may not be there yet."""
        assert self._client is not None
        while self.node is None:
            try:
                await self._ensure_node(self._client)
            except (StatusError, OSError) as error:
                log.v(1).info("cannot register node yet", node=self.settings.name, err=describe(error))
                await self._clock.sleep(RETRY_S)
        self.registered.set()
        log.info("registered node", node=self.settings.name)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._report_forever(self._client), name="node status")
            group.create_task(self._renew_forever(self._client), name="node lease")

    async def _ensure_node(self, client: Client) -> None:
        if not self._register:
            self.node = await client.get(v1.Node, self.settings.name)
            return
        observed = await self.observe()
        try:
            self.node = await client.create(new_node(self.machine, self.settings, observed))
            self._reported_s = self._clock.monotonic()
            self._tell(observed)
        except AlreadyExists:
            node = await client.get(v1.Node, self.settings.name)
            labels = default_labels(self.machine, self.settings)
            stale = {k: v for k, v in labels.items() if (node.metadata.labels or {}).get(k) != v}
            if stale:
                node = await client.patch(v1.Node, self.settings.name, {"metadata": {"labels": stale}})
            self.node = node

    async def fresh(self) -> Node | None:
        """The object as the API server has it now; None if it cannot be asked."""
        if self._client is None:
            return None
        try:
            node = await self._client.get(v1.Node, self.settings.name)
        except (StatusError, OSError) as error:
            log.v(1).info("cannot read node", node=self.settings.name, err=describe(error))
            return None
        if self.node is not None:  # else it is not ours yet: registering comes first
            self.node = node
        return node

    async def _report_forever(self, client: Client) -> None:
        while True:
            self._changed.clear()
            try:
                await self.report(client)
            except NotFound:
                log.info("the node's object is gone, registering again", node=self.settings.name)
                await self._again(client)
            except (StatusError, OSError) as error:
                log.v(1).info("cannot write node status", err=describe(error))
                await self._clock.sleep(1.0)
            try:
                async with asyncio.timeout(STATUS_S):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _again(self, client: Client) -> None:
        try:
            await self._ensure_node(client)
        except (StatusError, OSError) as error:
            log.v(1).info("cannot register node yet", err=describe(error))

    async def report(self, client: Client) -> None:
        """Write the status if the object says otherwise in more than its heartbeat, or if it is time to.

        The object is asked for, as others write to it too: extended resources; `Unknown` after we were silent.
        """
        assert self.node is not None
        self.node = await client.get(v1.Node, self.settings.name)
        observed = await self.observe()
        fresh = node_status(self.machine, self.settings, observed, self.node.status)
        due = self._clock.monotonic() - self._reported_s >= REPORT_S
        if not due and _without_heartbeats(fresh) == _without_heartbeats(self.node.status):
            self._tell(observed)
            return
        body = {"status": _patch(schema.to_wire(self.node.status), schema.to_wire(fresh))}
        if self.settings.ips:
            body["status"]["addresses"] = [{"$patch": "replace"}, *map(schema.to_wire, addresses(self.settings))]
        self.node = await client.patch(v1.Node, self.settings.name, body, subresource="status")
        self._reported_s = self._clock.monotonic()
        self._tell(observed)

    def _tell(self, observed: Observed) -> None:
        """Events for conditions that changed (and all of them once, at the start)."""
        rows = {
            "memory": (observed.memory_pressure, "NodeHasInsufficientMemory", "NodeHasSufficientMemory"),
            "disk": (observed.disk_pressure, "NodeHasDiskPressure", "NodeHasNoDiskPressure"),
            "pid": (observed.pid_pressure, "NodeHasInsufficientPID", "NodeHasSufficientPID"),
            "ready": (bool(observed.not_ready), "NodeNotReady", "NodeReady"),
        }
        for name, (is_bad, bad, good) in rows.items():
            if self._told.get(name) is is_bad:
                continue
            first = name not in self._told
            self._told[name] = is_bad
            if first and name == "ready" and is_bad:
                continue  # a node is born not ready
            reason = bad if is_bad else good
            self.event(reason, f"Node {self.settings.name} status is now: {reason}")

    # The lease

    async def _renew_forever(self, client: Client) -> None:
        while True:
            try:
                await self.renew(client)
            except (StatusError, OSError) as error:
                log.v(1).info("cannot renew node lease", err=describe(error))
                await self._clock.sleep(1.0)
                continue
            await self._clock.sleep(RENEW_S)

    async def renew(self, client: Client) -> None:
        """Say that we live."""
        from kajitori.api.coordination.v1 import Lease

        now = format_micro_time(self._clock.now())
        try:
            await client.patch(
                Lease,
                self.settings.name,
                {"spec": {"renewTime": now, "holderIdentity": self.settings.name}},
                namespace=LEASE_NAMESPACE,
                patch_type="merge",
            )
        except NotFound:
            await self._create_lease(client, now)

    async def _create_lease(self, client: Client, now: str) -> None:
        from kajitori.api.coordination.v1 import Lease, LeaseSpec
        from kajitori.api.meta.v1 import OwnerReference

        lease = Lease(
            spec=LeaseSpec(holder_identity=self.settings.name, lease_duration_seconds=LEASE_S, renew_time=now)
        )
        lease.metadata.name, lease.metadata.namespace = self.settings.name, LEASE_NAMESPACE
        if uid := self.uid():
            lease.metadata.owner_references = [
                OwnerReference(api_version="v1", kind="Node", name=self.settings.name, uid=uid)
            ]
        try:
            await client.create(lease)
        except (AlreadyExists, Conflict):
            pass


def _without_heartbeats(status: v1.NodeStatus) -> dict[str, Any]:
    wire = schema.to_wire(status)
    wire["conditions"] = sorted(wire.get("conditions", ()), key=lambda one: str(one.get("type")))  # others add theirs
    for condition in wire["conditions"]:
        condition.pop("lastHeartbeatTime", None)
    for field in ("volumesAttached", "volumesInUse", "phase", "config"):
        wire.pop(field, None)
    return wire


def _patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in new.items() if old.get(name) != value}
    if "allocatable" in changed:  # a resource that is no longer advertised goes
        gone = old.get("allocatable", {}).keys() - new["allocatable"].keys()
        changed["allocatable"] = new["allocatable"] | dict.fromkeys(gone)
    return changed
