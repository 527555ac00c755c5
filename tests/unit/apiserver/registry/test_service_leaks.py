"""However Services come, change and go: what is taken is exactly what living Services hold."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kajitori.aiokit.clock import FakeClock
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import WriteContext
from kajitori.apiserver.registry.services import ServiceHooks, addresses, node_ports
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import StatusError

Object = dict[str, Any]
TYPES = st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])
PORTS = st.lists(
    st.tuples(st.integers(80, 82), st.sampled_from(["TCP", "UDP"]), st.sampled_from([0, 30000, 30001])),
    min_size=1,
    max_size=3,
    unique_by=lambda p: (p[0], p[1]),
)
STEP = st.tuples(
    st.integers(0, 3),  # which Service
    st.sampled_from(["write", "write", "delete", "abort", "dry run"]),
    TYPES,
    PORTS,
    st.sampled_from(["", "10.96.0.2", "10.96.0.3", "None"]),
    st.sampled_from(["Cluster", "Local"]),
)


class Nothing:
    def list(self, group: str, plural: str, namespace: str = "") -> list[Object]:
        return []

    def get(self, group: str, plural: str, namespace: str, name: str) -> None:
        return None

    def revision(self, group: str, plural: str) -> int:
        return 0


def service(name: str, kind: str, ports: Any, ip: str, policy: str, *, valid: bool) -> Object:
    if valid and kind in ("ClusterIP", "ExternalName"):  # validation comes after the hooks, and refuses the others
        ports = [(p, protocol, 0) for p, protocol, _ in ports]
    made = [{"port": p, "protocol": protocol, **({"nodePort": n} if n else {})} for p, protocol, n in ports]
    spec: Object = {"type": kind, "ports": made, "selector": {"a": "b"}, "externalTrafficPolicy": policy}
    if ip and kind != "ExternalName" and not (ip == "None" and kind != "ClusterIP"):
        spec["clusterIP"] = ip
    return {"metadata": {"name": name, "namespace": "ns"}, "spec": spec}


async def step(hooks: ServiceHooks, alive: dict[str, Object], name: str, action: str, wanted: Object) -> None:
    ctx = WriteContext(resource=None, user=LOOPBACK_USER, namespace="ns", name=name)  # type: ignore[arg-type]
    old = alive.get(name)
    if action == "delete":
        if old is not None:
            await hooks.after_delete(ctx, alive.pop(name))
        return
    try:
        if old is None:
            await hooks.before_create(ctx, wanted)
        else:
            await hooks.before_update(ctx, wanted, copy.deepcopy(old))
    except StatusError:
        return
    if action == "write":
        if old is not None:
            await hooks.after_update(ctx, wanted, old)
        alive[name] = wanted
    elif old is None:
        await hooks.abort_create(ctx, wanted)
    else:
        await hooks.abort_update(ctx, wanted, old)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=12))
def test_taken_is_what_living_services_hold(steps: Any) -> None:
    config = ServerConfig(service_cluster_ip_range="10.96.0.0/28", service_node_port_range=(30000, 30007))
    deps = ServerDeps(config=config, scheme=None, clock=FakeClock(), reader=Nothing(), writer=None)  # type: ignore[arg-type]
    hooks, alive = ServiceHooks(deps), {}
    hooks._load()
    for which, action, kind, ports, ip, policy in steps:
        asyncio.run(
            step(
                hooks,
                alive,
                f"s{which}",
                action,
                service(f"s{which}", kind, ports, ip, policy, valid=action == "write"),
            )
        )
        held_ips = [a for s in alive.values() for a in addresses(s)]
        held_ports = [p for s in alive.values() for p in node_ports(s)]
        assert len(set(held_ips)) == len(held_ips) == hooks._ips["IPv4"].used  # type: ignore[attr-defined]
        assert len(set(held_ports)) == len(held_ports) == hooks._ports.used  # type: ignore[union-attr]
