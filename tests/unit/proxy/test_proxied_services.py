"""Objects → service ports: which Services count, which endpoints may receive traffic."""

import pytest

from kajitori.proxy import views as v
from kajitori.proxy.services import NodeInfo, ServicePort, build, local_endpoint_counts

NODE = NodeInfo("n1", zone="a")


def service(name: str = "web", **spec: object) -> v.Service:
    given = {"cluster_ip": "10.96.0.5", "ports": [v.ServicePort(name="http", port=80, node_port=30080)], **spec}
    return v.Service(metadata=v.Meta(name=name, namespace="default"), spec=v.ServiceSpec(**given))  # type: ignore[arg-type]


def endpoint(ip: str, node: str = "n2", **conditions: bool) -> v.SliceEndpoint:
    known = v.EndpointConditions(**conditions) if conditions else None
    return v.SliceEndpoint(addresses=[ip], node_name=node, conditions=known)


def slice_of(*endpoints: v.SliceEndpoint, name: str = "web-1", family: str = "IPv4") -> v.EndpointSlice:
    meta = v.Meta(name=name, namespace="default", labels={"kubernetes.io/service-name": "web"})
    ports = [v.EndpointPort(name="http", port=8080)]
    return v.EndpointSlice(metadata=meta, address_type=family, endpoints=list(endpoints), ports=ports)


def one(svc: v.Service, *slices: v.EndpointSlice) -> ServicePort:
    (port,) = build([svc], slices, NODE)
    return port


def ips(port: ServicePort) -> list[str]:
    return [e.ip for e in port.cluster_endpoints]


@pytest.mark.parametrize(
    "svc",
    [
        service(cluster_ip="None"),
        service(cluster_ip=None),
        service(cluster_ip=""),
        service(type="ExternalName"),
        service(cluster_ip="fd00::1"),
    ],
    ids=["headless", "not allocated", "empty", "alias", "other family"],
)
def test_services_without_a_virtual_address_are_skipped(svc: v.Service) -> None:
    assert build([svc], [], NODE) == []


def test_a_service_of_another_proxy_is_skipped() -> None:
    svc = service()
    svc.metadata.labels = {"service.kubernetes.io/service-proxy-name": "other"}
    assert build([svc], [], NODE) == []


def test_dual_stack_services_have_an_address_of_each_family() -> None:
    svc = service(cluster_ips=["10.96.0.5", "fd00::5"])
    assert [p.cluster_ip for p in build([svc], [], NODE, "IPv4")] == ["10.96.0.5"]
    assert [p.cluster_ip for p in build([svc], [], NODE, "IPv6")] == ["fd00::5"]


def test_only_ready_endpoints_receive_traffic() -> None:
    port = one(
        service(), slice_of(endpoint("10.1.0.3", ready=True), endpoint("10.1.0.2"), endpoint("10.1.0.4", ready=False))
    )
    assert ips(port) == ["10.1.0.2", "10.1.0.3"]
    assert port.cluster_endpoints[0].port == 8080


def test_serving_terminating_endpoints_are_the_fallback() -> None:
    draining = endpoint("10.1.0.2", ready=False, serving=True, terminating=True)
    broken = endpoint("10.1.0.3", ready=False, serving=False, terminating=True)
    assert ips(one(service(), slice_of(draining, broken))) == ["10.1.0.2"]
    assert ips(one(service(), slice_of(draining, endpoint("10.1.0.9", ready=True)))) == ["10.1.0.9"]


def test_an_endpoint_in_two_slices_counts_once_and_ready_wins() -> None:
    port = one(
        service(), slice_of(endpoint("10.1.0.2", ready=False)), slice_of(endpoint("10.1.0.2", ready=True), name="web-2")
    )
    assert ips(port) == ["10.1.0.2"]


def test_slices_of_upstream_may_say_null() -> None:
    import msgspec

    piece = msgspec.json.decode(b'{"metadata":{"name":"a"},"endpoints":null,"ports":null}', type=v.EndpointSlice)
    assert one(service(), piece).cluster_endpoints == ()


def test_local_policies_keep_to_the_own_node() -> None:
    pieces = slice_of(endpoint("10.1.0.2", node="n1", ready=True), endpoint("10.1.0.3", ready=True))
    port = one(service(internal_traffic_policy="Local"), pieces)
    assert [e.ip for e in port.internal_endpoints] == ["10.1.0.2"]
    port = one(service(type="NodePort", external_traffic_policy="Local", health_check_node_port=31000), pieces)
    assert [e.ip for e in port.external_endpoints] == ["10.1.0.2"]
    assert [e.ip for e in port.internal_endpoints] == ["10.1.0.2", "10.1.0.3"]
    assert local_endpoint_counts([port]) == {31000: ("default", "web", 1)}


def test_zone_hints_are_followed_when_all_have_them() -> None:
    near, far = endpoint("10.1.0.2", ready=True), endpoint("10.1.0.3", ready=True)
    near.hints = v.Hints(for_zones=[v.ForName(name="a")])
    far.hints = v.Hints(for_zones=[v.ForName(name="b")])
    assert ips(one(service(), slice_of(near, far))) == ["10.1.0.2"]
    far.hints = None
    assert ips(one(service(), slice_of(near, far))) == ["10.1.0.2", "10.1.0.3"]


def test_session_affinity_has_upstreams_default() -> None:
    assert one(service(session_affinity="ClientIP")).affinity_s == 10800
    config = v.SessionAffinityConfig(client_ip=v.ClientIPConfig(timeout_seconds=60))
    assert one(service(session_affinity="ClientIP", session_affinity_config=config)).affinity_s == 60
