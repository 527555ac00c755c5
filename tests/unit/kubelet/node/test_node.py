from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.kubelet.podrecords import make_pod

from kajitori.aiokit.clock import FakeClock
from kajitori.api import schema
from kajitori.api.core.v1 import Node, NodeCondition
from kajitori.kubelet.interfaces import ContainerUsage
from kajitori.kubelet.node.agent import NodeAgent
from kajitori.kubelet.node.eviction import HOLD_S, Eviction, Signal, crossed, rank, read_pids, threshold
from kajitori.kubelet.node.machine import Machine
from kajitori.kubelet.node.status import NodeSettings, Observed, allocatable, conditions, new_node

GIB = 1 << 30
MACHINE = Machine(
    cpus=4,
    memory_bytes=8 * GIB,
    disk_bytes=100 * GIB,
    architecture="amd64",
    kernel_version="6.1",
    os_image="Debian",
    machine_id="m",
    system_uuid="s",
    boot_id="b",
)
READY = Observed(now="2026-01-02T03:04:05Z", runtime_version="containerd://1.6")


def test_registered_node() -> None:
    settings = NodeSettings(name="n1", ips=["192.0.2.1"], labels={"x": "y"}, taints=[("k", "v", "NoSchedule")])
    node = schema.to_wire(new_node(MACHINE, settings, READY))
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "n1"
    assert node["metadata"]["labels"]["x"] == "y"
    assert node["spec"]["taints"] == [{"key": "k", "value": "v", "effect": "NoSchedule"}]
    assert node["status"]["addresses"] == [
        {"type": "InternalIP", "address": "192.0.2.1"},
        {"type": "Hostname", "address": "n1"},
    ]
    assert node["status"]["capacity"]["memory"] == "8388608Ki"
    assert node["status"]["conditions"][-1]["reason"] == "KubeletReady"


def test_allocatable_leaves_room() -> None:
    room = allocatable(MACHINE, NodeSettings(name="n", ips=[], reserved={"cpu": "500m", "memory": "1Gi"}))
    assert (room["cpu"], room["memory"]) == ("3500m", "7068Mi")


class Api:
    """One Node, as others have changed it meanwhile."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.patches: list[dict[str, Any]] = []

    async def get(self, _: type, name: str) -> Node:
        assert name == self.node.metadata.name
        return schema.clone(self.node)

    async def patch(self, _: type, name: str, body: dict[str, Any], *, subresource: str) -> Node:
        assert (name, subresource) == (self.node.metadata.name, "status")
        self.patches.append(body["status"])
        return schema.clone(self.node)


def reported(settings: NodeSettings, node: Node) -> list[dict[str, Any]]:
    """What an agent writes that reported a minute ago and finds this node."""

    async def once() -> list[dict[str, Any]]:
        clock, api = FakeClock(), Api(node)
        runtime: Any = SimpleNamespace()
        agent = NodeAgent(
            client=None, runtime=runtime, machine=MACHINE, settings=settings, recorder=Recorded(), clock=clock
        )
        agent.node, agent._reported_s = schema.clone(node), clock.monotonic()

        async def ready() -> Observed:
            return READY

        agent.observe = ready  # type: ignore[method-assign]  # what the runtime says is not the matter here
        await agent.report(api)  # type: ignore[arg-type]  # the two calls that it makes
        return api.patches

    return asyncio.run(once())


class Recorded:
    def event(self, *_: object) -> None:
        """Nobody reads them here."""


SETTINGS = NodeSettings(name="n", ips=[])


def test_a_node_that_is_as_it_should_be_is_left_alone_whoever_added_conditions() -> None:
    node = new_node(MACHINE, SETTINGS, READY)
    assert reported(SETTINGS, node) == []
    node.status.conditions.append(NodeCondition(type="ZZZ", status="True"))
    assert reported(SETTINGS, node) == []


def test_extended_resources_that_others_advertise_may_be_asked_for_until_they_are_gone() -> None:
    node = new_node(MACHINE, SETTINGS, READY)
    node.status.capacity["example.com/dongle"] = "4"
    (written,) = reported(SETTINGS, node)
    assert written.keys() == {"allocatable"}
    assert written["allocatable"] == node.status.allocatable | {"example.com/dongle": "4"}
    node.status.allocatable["example.com/dongle"] = "4"
    assert reported(SETTINGS, node) == []
    del node.status.capacity["example.com/dongle"]
    (written,) = reported(SETTINGS, node)
    assert written["allocatable"]["example.com/dongle"] is None


def test_a_node_that_was_given_up_says_at_once_that_it_lives() -> None:
    node = new_node(MACHINE, SETTINGS, READY)
    node.status.conditions[-1].status = "Unknown"
    (written,) = reported(SETTINGS, node)
    assert {c["type"]: c["status"] for c in written["conditions"]}["Ready"] == "True"


def test_node_without_network_says_why() -> None:
    why = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:x"
    made = conditions(Observed(now="t", runtime_version="", not_ready=why), [])
    assert (made[-1].status, made[-1].reason, made[-1].message) == ("False", "KubeletNotReady", why)


def test_heartbeat_moves_but_transition_stays() -> None:
    first = conditions(READY, [])
    later = conditions(Observed(now="2026-01-02T03:09:05Z", runtime_version=""), first)
    assert later[-1].last_heartbeat_time == "2026-01-02T03:09:05Z"
    assert later[-1].last_transition_time == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(("text", "amount"), [("100Mi", 100 << 20), ("10%", 800), ("0%", 0)])
def test_threshold(text: str, amount: int) -> None:
    assert threshold(text, 8000) == amount


def test_signals_below_their_threshold() -> None:
    signals = {"memory.available": Signal(50 << 20, GIB), "nodefs.available": Signal(50, 100)}
    assert crossed(signals, {"memory.available": "100Mi", "nodefs.available": "10%"}) == ["memory.available"]
    assert crossed(signals, {}) == []


def test_who_uses_more_than_asked_goes_first_then_lower_priority() -> None:
    def pod(name: str, priority: int = 0, request: str = "0") -> Any:
        size = {"name": "a", "resources": {"requests": {"memory": request}}}
        return make_pod([size], meta={"uid": name, "name": name}, priority=priority)

    pods = [pod("modest", request="1Gi"), pod("vip", priority=10), pod("small"), pod("big"), pod("node", 2 * 10**9)]
    usage = {"modest": 100, "vip": 900, "small": 10, "big": 500, "node": 10**9}
    assert [p.metadata.name for p in rank(pods, usage)] == ["big", "small", "vip", "modest"]


def test_pressure_evicts_one_and_is_held_for_a_while() -> None:
    clock, pressure = FakeClock(), SimpleNamespace(memory=False, disk=False, pids=False)
    level = {"memory.available": Signal(1 << 20, GIB)}
    evicted: list[str] = []

    async def usage() -> dict[str, ContainerUsage]:
        return {"c1": ContainerUsage(name="a", timestamp_ns=0, cpu_ns=0, working_set_bytes=100)}

    eviction = Eviction(
        root_dir="/",
        limits={"memory.available": "100Mi"},
        pressure=pressure,
        pods=lambda: [make_pod()],
        usage=usage,
        owner_of=lambda _: "u1",
        evict=lambda pod, message: evicted.append(message),
        changed=lambda: None,
        clock=clock,
        signals=lambda _: level,
    )
    asyncio.run(eviction.check())
    assert pressure.memory
    assert evicted == ["The node was low on resource: memory. Threshold quantity: 104857600, available: 1024Ki. "]
    level["memory.available"] = Signal(GIB, GIB)
    asyncio.run(eviction.check())
    assert pressure.memory
    clock.advance(HOLD_S)
    asyncio.run(eviction.check())
    assert not pressure.memory
    assert len(evicted) == 1


def test_process_ids_run_short_by_the_smaller_limit(tmp_path: Path) -> None:
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "sys/kernel/pid_max").write_text("4194304\n")
    (tmp_path / "sys/kernel/threads-max").write_text("1000\n")
    (tmp_path / "loadavg").write_text("0.00 0.01 0.05 1/950 12345\n")
    signal = read_pids(tmp_path)
    assert signal == Signal(50, 1000)
    assert crossed({"pid.available": signal}, {"pid.available": "10%"}) == ["pid.available"]
