"""Cluster IPs and node ports: allocators, families, what updates keep and drop."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from kajitori.apiserver.hooks import WriteContext
from kajitori.apiserver.registry.allocators import (
    AllocationError,
    IPAllocator,
    PortAllocator,
    RangeFull,
    Transaction,
    band_offset,
)
from kajitori.apiserver.registry.serviceips import set_ip_families
from kajitori.apiserver.registry.services import ServiceHooks
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import Invalid

Object = dict[str, Any]


class TestAllocators:
    @pytest.mark.parametrize(("size", "offset"), [(8, 0), (254, 16), (1 << 20, 256), (1024, 64)])
    def test_ip_band_begins_where_upstreams_does(self, size: int, offset: int) -> None:
        assert band_offset(size) == offset

    def test_automatic_addresses_come_from_the_upper_band_first(self) -> None:
        allocator = IPAllocator("10.0.0.0/24", random.Random(1))
        first = [int(allocator.allocate_next().rsplit(".", 1)[1]) for _ in range(254 - 16)]
        assert min(first) == 17 and max(first) == 254
        rest = [int(allocator.allocate_next().rsplit(".", 1)[1]) for _ in range(16)]
        assert sorted(rest) == list(range(1, 17))
        with pytest.raises(RangeFull):
            allocator.allocate_next()

    @pytest.mark.parametrize(
        ("address", "message"),
        [
            ("10.0.0.7", "provided IP is already allocated"),
            ("10.0.1.1", "the provided network does not match the current range"),
            ("10.0.0.0", "the provided network does not match the current range"),
            ("10.0.0.255", "the provided network does not match the current range"),
        ],
    )
    def test_wishes_are_refused_in_upstreams_words(self, address: str, message: str) -> None:
        allocator = IPAllocator("10.0.0.0/24")
        allocator.allocate("10.0.0.7")
        with pytest.raises(AllocationError, match=message):
            allocator.allocate(address)

    def test_a_released_value_can_be_given_again(self) -> None:
        allocator = PortAllocator(30000, 30000)
        assert allocator.allocate_next() == 30000
        allocator.release(30000)
        assert allocator.allocate_next() == 30000

    def test_node_ports_leave_the_lower_band_for_wishes(self) -> None:
        assert PortAllocator(30000, 32767, random.Random(3)).allocate_next() >= 30086

    def test_ipv6_ranges_work(self) -> None:
        assert IPAllocator("fd00::/108").at(0) == "fd00::1"

    def test_a_failed_transaction_gives_everything_back(self) -> None:
        ports = PortAllocator(30000, 30010)
        with pytest.raises(AllocationError), Transaction() as transaction:
            transaction.take(ports, 30001)
            transaction.take(ports, 30001)
        assert ports.used == 0


def service(**spec: Any) -> Object:
    ports = spec.pop("ports", [{"port": 80, "protocol": "TCP"}])
    return {"metadata": {"name": "web", "namespace": "ns"}, "spec": {"type": "ClusterIP", "ports": ports, **spec}}


def context(*, dry_run: bool = False) -> WriteContext:
    return WriteContext(resource=None, user=LOOPBACK_USER, namespace="ns", name="web", dry_run=dry_run)  # type: ignore[arg-type]


@pytest.fixture
def hooks(make_deps: Any) -> ServiceHooks:
    return ServiceHooks(make_deps())


def create(hooks: ServiceHooks, obj: Object) -> Object:
    asyncio.run(hooks.before_create(context(), obj))
    return obj


def update(hooks: ServiceHooks, obj: Object, old: Object) -> Object:
    asyncio.run(hooks.before_update(context(), obj, old))
    asyncio.run(hooks.after_update(context(), obj, old))
    return obj


class TestCreate:
    def test_a_service_gets_an_address_family_and_policy(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service())["spec"]
        assert spec["clusterIP"].startswith("10.") and spec["clusterIPs"] == [spec["clusterIP"]]
        assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4"], "SingleStack")
        assert "nodePort" not in spec["ports"][0]

    def test_what_the_cache_holds_is_taken(self, world: Any, make_deps: Any) -> None:
        world.put("", "services", {"metadata": {"name": "k", "namespace": "d"}, "spec": {"clusterIPs": ["10.96.0.1"]}})
        with pytest.raises(Invalid) as e:
            create(ServiceHooks(make_deps()), service(clusterIP="10.96.0.1"))
        assert e.value.message == (
            'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: '
            "failed to allocate IP 10.96.0.1: provided IP is already allocated"
        )

    def test_headless_with_selector_gets_no_address(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service(clusterIP="None", selector={"a": "b"}))["spec"]
        assert (spec["clusterIPs"], spec["ipFamilyPolicy"]) == (["None"], "SingleStack")

    def test_headless_without_selector_is_dual_stack_anywhere(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service(clusterIP="None"))["spec"]
        assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4", "IPv6"], "RequireDualStack")

    def test_external_name_gets_nothing(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service(type="ExternalName", externalName="x.example", ports=[]))["spec"]
        assert "clusterIP" not in spec and "ipFamilies" not in spec

    def test_node_ports_are_given_and_shared_by_protocols_of_one_port(self, hooks: ServiceHooks) -> None:
        ports = [{"port": 53, "protocol": "TCP", "name": "a"}, {"port": 53, "protocol": "UDP", "name": "b"}]
        spec = create(hooks, service(type="NodePort", ports=ports))["spec"]
        assert 30000 <= spec["ports"][0]["nodePort"] == spec["ports"][1]["nodePort"] <= 32767

    def test_a_taken_node_port_is_refused_with_its_path(self, hooks: ServiceHooks) -> None:
        create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        with pytest.raises(Invalid, match=r"spec.ports\[0\].nodePort: Invalid value: 30080: provided port is already"):
            create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))

    def test_a_failed_create_gives_its_address_back(self, hooks: ServiceHooks) -> None:
        create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        for _ in range(2):
            with pytest.raises(Invalid, match="30080"):
                create(hooks, service(clusterIP="10.96.0.9", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        create(hooks, service(clusterIP="10.96.0.9"))

    def test_an_aborted_create_gives_everything_back(self, hooks: ServiceHooks) -> None:
        obj = create(hooks, service(clusterIP="10.96.0.9"))
        asyncio.run(hooks.abort_create(context(dry_run=True), obj))
        create(hooks, service(clusterIP="10.96.0.9"))

    def test_load_balancers_may_decline_node_ports(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service(type="LoadBalancer", allocateLoadBalancerNodePorts=False))["spec"]
        assert "nodePort" not in spec["ports"][0]

    def test_local_traffic_policy_gets_a_health_check_port(self, hooks: ServiceHooks) -> None:
        spec = create(hooks, service(type="LoadBalancer", externalTrafficPolicy="Local"))["spec"]
        assert spec["healthCheckNodePort"] != spec["ports"][0]["nodePort"]


class TestUpdate:
    def test_a_put_without_address_and_ports_keeps_them(self, hooks: ServiceHooks) -> None:
        old = create(hooks, service(type="NodePort"))
        new = update(hooks, service(type="NodePort"), old)
        assert new["spec"]["clusterIPs"] == old["spec"]["clusterIPs"]
        assert new["spec"]["ports"][0]["nodePort"] == old["spec"]["ports"][0]["nodePort"]

    def test_becoming_cluster_ip_drops_the_node_port_and_frees_it(self, hooks: ServiceHooks) -> None:
        old = create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        new = update(hooks, service(ports=[{"port": 80, "nodePort": 30080}], clusterIP=old["spec"]["clusterIP"]), old)
        assert "nodePort" not in new["spec"]["ports"][0]
        create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))

    def test_becoming_external_name_frees_the_address(self, hooks: ServiceHooks) -> None:
        old = create(hooks, service(clusterIP="10.96.0.9"))
        spec = {**old["spec"], "type": "ExternalName", "externalName": "x"}
        new = update(hooks, {"metadata": old["metadata"], "spec": spec}, old)
        assert "clusterIP" not in new["spec"] and "clusterIPs" not in new["spec"]
        create(hooks, service(clusterIP="10.96.0.9"))

    def test_becoming_node_port_gets_one(self, hooks: ServiceHooks) -> None:
        old = create(hooks, service())
        assert update(hooks, service(type="NodePort"), old)["spec"]["ports"][0]["nodePort"] >= 30000

    def test_deleting_frees_address_and_port(self, hooks: ServiceHooks) -> None:
        obj = create(hooks, service(clusterIP="10.96.0.9", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        asyncio.run(hooks.after_delete(context(), obj))
        create(hooks, service(clusterIP="10.96.0.9", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))

    def test_an_aborted_update_keeps_the_old_ports(self, hooks: ServiceHooks) -> None:
        old = create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
        new = service(type="NodePort", ports=[{"port": 80, "nodePort": 30081}], clusterIP=old["spec"]["clusterIP"])
        asyncio.run(hooks.before_update(context(), new, old))
        asyncio.run(hooks.abort_update(context(), new, old))
        create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30081}]))
        with pytest.raises(Invalid):
            create(hooks, service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))


@pytest.mark.parametrize(
    ("spec", "configured", "families", "error"),
    [
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv4"], ["IPv4"], ""),
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv4", "IPv6"], ["IPv4", "IPv6"], ""),
        ({"ipFamilyPolicy": "RequireDualStack"}, ["IPv4"], None, "this cluster is not configured for dual-stack"),
        ({"ipFamilies": ["IPv6"]}, ["IPv4"], None, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured'),
        ({"clusterIP": "fd00::1", "clusterIPs": ["fd00::1"]}, ["IPv4"], None, "IPv6 is not configured on this cluster"),
        (
            {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "SingleStack"},
            ["IPv4", "IPv6"],
            None,
            "must be 'RequireDualStack'",
        ),
    ],
)
def test_ip_families(spec: Object, configured: list[str], families: list[str] | None, error: str) -> None:
    obj = {"spec": {"type": "ClusterIP", "selector": {"a": "b"}, **spec}}
    errors = set_ip_families(obj, None, configured=configured)
    if error:
        assert error in str(errors[0])
    else:
        assert not errors and obj["spec"]["ipFamilies"] == families
