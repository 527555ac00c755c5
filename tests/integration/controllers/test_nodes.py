import pytest

from kajitori.api import schema
from kajitori.api.core.v1 import Event, Node, Pod
from kajitori.machinery.errors import NotFound

pytestmark = pytest.mark.integration


def _taints(node) -> set[tuple[str, str]]:
    return {(t.key, t.effect) for t in node.spec.taints}


async def _bound_pod(s, ns, name, node, *tolerations):
    spec = {"nodeName": node, "containers": [{"name": "c", "image": "i"}], "tolerations": list(tolerations)}
    return await s.client.create(schema.from_wire(Pod, {"metadata": {"name": name, "namespace": ns}, "spec": spec}))


def test_a_new_node_is_registered_gets_a_range_and_loses_its_first_taint(play) -> None:
    async def scenario(s) -> None:
        await s.node("one")

        async def settled():
            node = await s.client.get(Node, "one")
            return node.spec.pod_cidr and not node.spec.taints and node

        node = await s.until(settled)
        assert (node.spec.pod_cidr, node.spec.pod_cidrs) == ("10.244.0.0/24", ["10.244.0.0/24"])
        await s.node("two")

        async def second():
            return (await s.client.get(Node, "two")).spec.pod_cidr == "10.244.1.0/24"

        await s.until(second)

        async def told():
            events = await s.client.list(Event, "default", field_selector="reason=RegisteredNode")
            return {e.message for e in events} == {
                "Node one event: Registered Node one in Controller",
                "Node two event: Registered Node two in Controller",
            }

        await s.until(told)

    play(scenario, allocate_node_cidrs=True, cluster_cidr="10.244.0.0/16")


def test_a_silent_node_turns_unknown_is_tainted_and_evicted(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("silent")
        await s.node("alive")
        await s.node("dead")

        pod = await _bound_pod(
            s,
            ns,
            "p",
            "dead",
            {
                "key": "node.kubernetes.io/unreachable",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 1,
            },
        )
        await s.say_ready(pod)

        async def beat():
            """The other node keeps giving signs of life."""
            await s.client.patch(
                Node,
                "alive",
                {"status": {"conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": _stamp()}]}},
                subresource="status",
            )
            node = await s.client.get(Node, "dead")
            ready = next(c for c in node.status.conditions if c.type == "Ready")
            return (
                ready.status == "Unknown" and ("node.kubernetes.io/unreachable", "NoExecute") in _taints(node) and ready
            )

        ready = await s.until(beat)
        assert (ready.reason, ready.message) == ("NodeStatusUnknown", "Kubelet stopped posting node status.")

        async def evicted():
            await beat()
            try:
                found = await s.client.get(Pod, "p", ns)
            except NotFound:
                return True
            return found.metadata.deletion_timestamp is not None

        await s.until(evicted)

        async def told():
            return f"Marking for deletion Pod {ns}/p" in await s.events(ns, "TaintManagerEviction")

        await s.until(told)

    play(scenario, node_monitor_grace_period_s=2.0)


def test_the_only_node_falling_silent_evicts_nobody(play) -> None:
    async def scenario(s) -> None:
        await s.node("only")

        async def unknown():
            node = await s.client.get(Node, "only")
            return ("node.kubernetes.io/unreachable", "NoSchedule") in _taints(node) and node

        node = await s.until(unknown)
        assert not [t for t in node.spec.taints if t.effect == "NoExecute"]
        await s.client.patch(
            Node,
            "only",
            {"status": {"conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": _stamp()}]}},
            subresource="status",
        )

        async def back():
            return not (await s.client.get(Node, "only")).spec.taints

        await s.until(back)

    play(scenario, node_monitor_grace_period_s=1.0)


def test_cordon_and_pressure_are_shown_as_taints_and_foreign_taints_stay(play) -> None:
    async def scenario(s) -> None:
        await s.node("n", Ready="True", MemoryPressure="True")
        own = {"key": "mine", "effect": "NoSchedule"}
        await s.client.patch(Node, "n", {"spec": {"unschedulable": True, "taints": [own]}})

        async def tainted():
            return _taints(await s.client.get(Node, "n")) == {
                ("mine", "NoSchedule"),
                ("node.kubernetes.io/memory-pressure", "NoSchedule"),
                ("node.kubernetes.io/unschedulable", "NoSchedule"),
            }

        await s.until(tainted)

    play(scenario)


def test_a_pod_deleted_before_it_had_a_node_goes_at_once(play) -> None:
    async def scenario(s) -> None:
        ns = await s.namespace("early")
        wire = {"metadata": {"name": "p", "namespace": ns, "finalizers": ["example.com/x"]}}
        wire["spec"] = {"containers": [{"name": "c", "image": "i"}]}
        await s.client.create(schema.from_wire(Pod, wire))
        await s.client.delete(Pod, "p", ns)

        async def failed():
            return (await s.client.get(Pod, "p", ns)).status.phase == "Failed"

        await s.until(failed)

    play(scenario)


def _stamp() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")[:19] + "Z"
