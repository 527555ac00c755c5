"""The host's side of the network, as far as it is text and numbers."""

import ipaddress

import pytest

from kajitori.cluster import network
from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.network import Plan

PLAN = Plan(tag="0123abcd", subnet="192.168.49.0/24", pod_cidr="10.244.0.0/16", service_cidr="10.96.0.0/12")


def test_interface_names_fit_the_kernel() -> None:
    assert all(len(name) <= 15 for name in (PLAN.bridge, PLAN.veth(0), PLAN.veth(99)))


def test_the_gateway_is_the_first_address_and_nodes_follow() -> None:
    assert (PLAN.gateway, PLAN.node_ip(0), PLAN.node_ip(1)) == ("192.168.49.1", "192.168.49.2", "192.168.49.3")


def test_every_range_of_the_cluster_gets_a_route_of_last_resort() -> None:
    assert set(PLAN.ranges()) == {"192.168.49.0/24", "10.244.0.0/16", "10.96.0.0/12"}


@pytest.mark.parametrize(
    ("used", "taken", "expected"),
    [
        ([], [], "192.168.49.0/24"),
        (["192.168.49.0/24"], [], "192.168.58.0/24"),
        (["192.168.0.0/18"], [], "192.168.67.0/24"),
        ([], ["192.168.49.0/24", "192.168.58.0/24"], "192.168.67.0/24"),
        (["10.0.0.0/8"], [""], "192.168.49.0/24"),
    ],
)
def test_the_first_subnet_that_nothing_uses_is_taken(used: list[str], taken: list[str], expected: str) -> None:
    assert network.free_subnet([ipaddress.IPv4Network(n) for n in used], taken) == expected


def test_no_free_subnet_is_a_failure_with_a_way_out() -> None:
    with pytest.raises(ClusterFailure) as caught:
        network.free_subnet([ipaddress.IPv4Network("192.168.0.0/16")])
    assert "delete" in caught.value.advice


def test_mirrors_on_the_loopback_are_reached_through_the_gateway() -> None:
    mirrors = ["http://127.0.0.1:5000", "https://localhost", "http://mirror.example:80"]
    assert network.loopback_ports(mirrors) == (5000, 443)


def test_an_isolated_cluster_has_no_way_out() -> None:
    rules = network.nft_rules(Plan(**{**PLAN.__dict__, "isolated": True}))
    assert 'iifname "kj-0123abcd" oifname != "kj-0123abcd" reject' in rules
    assert "masquerade" not in rules


def test_a_cluster_with_internet_is_masqueraded_only_where_it_leaves() -> None:
    rules = network.nft_rules(PLAN)
    assert 'ip saddr 192.168.49.0/24 oifname != "kj-0123abcd" masquerade' in rules
    assert "reject" not in rules


def test_a_loopback_mirror_is_forwarded_to_the_gateway_only() -> None:
    rules = network.nft_rules(Plan(**{**PLAN.__dict__, "loopback_ports": (5000,)}))
    assert 'iifname "kj-0123abcd" ip daddr 192.168.49.1 tcp dport { 5000 } dnat to 127.0.0.1' in rules


def test_an_isolated_node_refuses_only_what_is_not_the_clusters() -> None:
    rules = network.isolation_rules(PLAN)
    assert 'oifname "eth0" ip daddr != { 192.168.49.0/24, 10.244.0.0/16, 10.96.0.0/12 } reject' in rules
    assert rules.count("reject") == 2
