"""Rules in a real kernel, with real packets, for both backends."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from kajitori.proxy.backend import Backend, IptablesBackend, NftablesBackend
from kajitori.proxy.ruleset import Options
from kajitori.proxy.services import Endpoint, ServicePort

pytestmark = pytest.mark.integration

OPTIONS = Options(cluster_cidr="10.77.0.0/21")
POD1, POD2 = Endpoint("10.77.1.2", 8080, is_local=True), Endpoint("10.77.2.2", 8080)
WEB = ServicePort(
    namespace="default",
    name="web",
    port_name="http",
    protocol="tcp",
    cluster_ip="10.96.7.7",
    port=80,
    node_port=30080,
    external_ips=("203.0.113.5",),
    cluster_endpoints=(POD1, POD2),
)


def backend_of(mode: str, net: Any) -> Backend:
    made = IptablesBackend if mode == "iptables" else NftablesBackend
    return made(OPTIONS, run=net.run)


@pytest.fixture(params=["iptables", "nftables"])
def backend(request: pytest.FixtureRequest, net: Any) -> Backend:
    return backend_of(request.param, net)


def apply(backend: Backend, *ports: ServicePort) -> None:
    asyncio.run(backend.apply(ports))


def names(answers: list[str]) -> set[str]:
    return {answer.split()[0] for answer in answers}


def test_service_addresses_reach_all_endpoints(net: Any, backend: Backend) -> None:
    apply(backend, WEB)
    assert names(net.ask("client", "10.96.7.7", 80, count=40)) == {"pod1", "pod2"}
    assert names(net.ask("node", "10.96.7.7", 80, count=40)) == {"pod1", "pod2"}
    assert names(net.ask("client", net.node_ip, 30080, count=40)) == {"pod1", "pod2"}
    assert names(net.ask("client", "203.0.113.5", 80, count=40)) == {"pod1", "pod2"}
    assert names(net.ask("node", net.node_ip, 30080, count=40)) == {"pod1", "pod2"}


def test_sources_are_kept_within_the_cluster_and_masqueraded_from_outside(net: Any, backend: Backend) -> None:
    apply(backend, replace(WEB, cluster_endpoints=(POD2,)))
    assert net.ask("pod1", "10.96.7.7", 80) == [f"pod2 {net.pod1}"]
    assert net.ask("client", "10.96.7.7", 80) == ["pod2 10.77.2.1"]
    assert net.ask("client", net.node_ip, 30080) == ["pod2 10.77.2.1"]


def test_a_pod_reaches_itself_through_its_service(net: Any, backend: Backend) -> None:
    apply(backend, replace(WEB, cluster_endpoints=(POD1,)))
    assert net.ask("pod1", "10.96.7.7", 80, count=3) == ["pod1 10.77.1.1"] * 3


def test_local_policy_keeps_the_client_address_and_the_node(net: Any, backend: Backend) -> None:
    apply(backend, replace(WEB, is_external_local=True, local_endpoints=(POD1,)))
    assert net.ask("client", net.node_ip, 30080, count=10) == ["pod1 10.77.9.2"] * 10


def test_no_endpoint_refuses_and_no_local_endpoint_drops(net: Any, backend: Backend) -> None:
    apply(backend, replace(WEB, cluster_endpoints=()))
    assert net.ask("client", "10.96.7.7", 80) == ["refused"]
    assert net.ask("node", "10.96.7.7", 80) == ["refused"]
    assert net.ask("client", net.node_ip, 30080) == ["refused"]
    apply(backend, replace(WEB, is_external_local=True, cluster_endpoints=(POD2,)))
    assert net.ask("client", net.node_ip, 30080, timeout_s=0.5) == ["timeout"]
    assert net.ask("client", "10.96.7.7", 80) == ["pod2 10.77.2.1"]


def test_session_affinity_keeps_a_client_with_its_endpoint_even_over_a_sync(net: Any, backend: Backend) -> None:
    sticky = replace(WEB, affinity_s=600)
    apply(backend, sticky)
    first = net.ask("client", "10.96.7.7", 80, count=20)
    assert len(names(first)) == 1
    other = replace(WEB, name="other", cluster_ip="10.96.7.8", node_port=0, external_ips=())
    apply(backend, sticky, other)
    assert names(net.ask("client", "10.96.7.7", 80, count=20)) == names(first)


def test_udp_is_balanced(net: Any, backend: Backend) -> None:
    ends = (replace(POD1, port=8053), replace(POD2, port=8053))
    udp = ServicePort(
        namespace="kube-system",
        name="dns",
        port_name="dns",
        protocol="udp",
        cluster_ip="10.96.7.10",
        port=53,
        cluster_endpoints=ends,
    )
    apply(backend, udp)
    assert names(net.ask("client", "10.96.7.10", 53, proto="udp", count=40)) == {"pod1", "pod2"}


def test_source_ranges_shut_others_out(net: Any, backend: Backend) -> None:
    balanced = replace(WEB, external_ips=(), load_balancer_ips=("203.0.113.9",))
    apply(backend, replace(balanced, source_ranges=("10.77.9.0/24",)))
    assert names(net.ask("client", "203.0.113.9", 80, count=20)) == {"pod1", "pod2"}
    apply(backend, replace(balanced, source_ranges=("192.0.2.0/24",)))
    assert net.ask("client", "203.0.113.9", 80, timeout_s=0.5) == ["timeout"]


def test_changes_remove_what_is_no_longer_wanted_and_cleanup_leaves_nothing(net: Any, backend: Backend) -> None:
    apply(backend, WEB, replace(WEB, name="old", cluster_ip="10.96.7.9", node_port=0, external_ips=()))
    apply(backend, WEB)
    tables = asyncio.run(net.run(["nft", "list", "ruleset"]))
    assert "10.96.7.7" in tables
    assert "10.96.7.9" not in tables
    assert names(net.ask("client", "10.96.7.7", 80, count=30)) == {"pod1", "pod2"}
    asyncio.run(backend.cleanup())
    left = asyncio.run(net.run(["nft", "list", "ruleset"]))
    assert "KUBE-" not in left
    assert "kube-proxy" not in left


def test_a_restarted_proxy_takes_over_and_a_flush_is_noticed(net: Any, backend: Backend) -> None:
    apply(backend, WEB)
    again = type(backend)(OPTIONS, run=net.run)  # type: ignore[call-arg]
    asyncio.run(again.apply([replace(WEB, cluster_endpoints=(POD2,))]))
    assert names(net.ask("client", "10.96.7.7", 80, count=10)) == {"pod2"}
    assert asyncio.run(again.is_intact())
    asyncio.run(net.run(["nft", "flush", "ruleset"]))
    assert not asyncio.run(again.is_intact())
    asyncio.run(again.apply([WEB]))
    assert names(net.ask("client", "10.96.7.7", 80, count=30)) == {"pod1", "pod2"}


@pytest.mark.parametrize("then", ["nothing", "a change"])
@pytest.mark.parametrize("table", ["nat", "filter"])
def test_rules_flushed_out_of_their_chains_are_noticed_and_written_again(net: Any, table: str, then: str) -> None:
    backend = IptablesBackend(OPTIONS, run=net.run)
    asyncio.run(backend.apply([WEB]))
    assert asyncio.run(backend.is_intact())
    before = asyncio.run(net.run(["iptables-save", "-t", table])).count("-A ")
    asyncio.run(net.run(["iptables", "-t", table, "-F"]))
    if then == "a change":  # it writes its own rules only, among them those that no Service lacks
        asyncio.run(backend.apply([WEB, replace(WEB, cluster_ip="10.96.7.8", name="other", node_port=0)]))
    assert not asyncio.run(backend.is_intact())
    asyncio.run(backend.apply([WEB]))
    assert asyncio.run(net.run(["iptables-save", "-t", table])).count("-A ") == before
    assert asyncio.run(backend.is_intact())
    asyncio.run(backend.cleanup())


def test_node_ports_answer_on_localhost_with_iptables(net: Any) -> None:
    apply(backend_of("iptables", net), WEB)
    assert names(net.ask("node", "127.0.0.1", 30080, count=30)) == {"pod1", "pod2"}


@pytest.mark.parametrize(
    "what", ["table ip kube-proxy", "chain ip kube-proxy nat-output", "map ip kube-proxy service-ips"]
)
def test_what_somebody_empties_in_our_table_is_noticed_and_filled_again(net: Any, what: str) -> None:
    backend = NftablesBackend(OPTIONS, run=net.run)
    asyncio.run(backend.apply([WEB]))
    assert asyncio.run(backend.is_intact())
    before = asyncio.run(net.run(["nft", "list", "table", "ip", "kube-proxy"]))
    asyncio.run(net.run(["nft", "flush", *what.split()]))
    assert not asyncio.run(backend.is_intact())
    asyncio.run(backend.apply([WEB]))
    assert asyncio.run(backend.is_intact())
    after = asyncio.run(net.run(["nft", "list", "table", "ip", "kube-proxy"]))
    assert sorted(after.split()) == sorted(before.split())
