"""The Kubernetes DNS specification, question by question."""

from typing import Any

import pytest

from kajitori.dns import views as v
from kajitori.dns.index import ClusterIndex

DOMAIN = "svc.cluster.local"


def data(answer: Any) -> list[str]:
    return sorted(str(rr.rdata) for rr in answer.rr)


def rcode(answer: Any) -> str:
    import dnslib

    return str(dnslib.RCODE[answer.header.rcode])


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("api.default.svc.cluster.local", "A", ["10.96.0.1"]),
        ("API.Default.svc.cluster.local", "A", ["10.96.0.1"]),
        ("dual.default.svc.cluster.local", "AAAA", ["fd00::2"]),
        ("web.default.svc.cluster.local", "A", ["10.1.0.2", "10.1.0.3"]),
        ("web-0.web.default.svc.cluster.local", "A", ["10.1.0.2"]),
        ("10-1-0-3.web.default.svc.cluster.local", "A", ["10.1.0.3"]),
        ("_https._tcp.api.default.svc.cluster.local", "SRV", ["0 100 443 api.default.svc.cluster.local."]),
        (
            "_http._tcp.web.default.svc.cluster.local",
            "SRV",
            ["0 50 8080 10-1-0-3.web.default.svc.cluster.local.", "0 50 8080 web-0.web.default.svc.cluster.local."],
        ),
        ("1.0.96.10.in-addr.arpa", "PTR", ["api.default.svc.cluster.local."]),
        ("2.0.1.10.in-addr.arpa", "PTR", ["web-0.web.default.svc.cluster.local."]),
        ("2" + ".0" * 27 + ".0.0.d.f.ip6.arpa", "PTR", ["dual.default.svc.cluster.local."]),
        ("10-1-0-9.default.pod.cluster.local", "A", ["10.1.0.9"]),
        ("fd00--9.default.pod.cluster.local", "AAAA", ["fd00::9"]),
        ("dns-version.cluster.local", "TXT", ['"1.1.0"']),
        ("cluster.local", "NS", ["ns.dns.cluster.local."]),
        ("host.minikube.internal", "A", ["192.168.49.1"]),
        ("1.49.168.192.in-addr.arpa", "PTR", ["host.minikube.internal."]),
        ("alias.default.svc.cluster.local", "CNAME", ["api.default.svc.cluster.local."]),
        ("alias.default.svc.cluster.local", "A", ["10.96.0.1", "api.default.svc.cluster.local."]),
        ("outside.default.svc.cluster.local", "A", ["example.org."]),
    ],
)
def test_a_known_name_has_its_records(ask: Any, name: str, kind: str, expected: list[str]) -> None:
    answer = ask(name, kind)
    assert rcode(answer) == "NOERROR"
    assert data(answer) == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api.default.svc.cluster.local", "AAAA"),
        ("api.default.svc.cluster.local", "MX"),
        ("default.svc.cluster.local", "A"),
        ("svc.cluster.local", "A"),
        ("default.pod.cluster.local", "A"),
        ("cluster.local", "A"),
        ("_tcp.api.default.svc.cluster.local", "A"),
    ],
)
def test_a_name_without_such_records_is_nodata_with_soa(ask: Any, name: str, kind: str) -> None:
    answer = ask(name, kind)
    assert (rcode(answer), data(answer)) == ("NOERROR", [])
    assert [str(rr.rname) for rr in answer.auth] == ["cluster.local."]
    assert answer.auth[0].ttl == 30


@pytest.mark.parametrize(
    "name",
    [
        "nothing.default.svc.cluster.local",
        "api.nowhere.svc.cluster.local",
        "nowhere.svc.cluster.local",
        "web-9.web.default.svc.cluster.local",
        "lonely.default.svc.cluster.local",
        "_no._tcp.api.default.svc.cluster.local",
        "_https._udp.api.default.svc.cluster.local",
        "a.b.c.d.default.svc.cluster.local",
        "10-1-0.default.pod.cluster.local",
        "10-1-0-9.nowhere.pod.cluster.local",
        "other.cluster.local",
        "x.alias.default.svc.cluster.local",
    ],
)
def test_an_unknown_name_is_nxdomain_with_soa(ask: Any, name: str) -> None:
    answer = ask(name, "A")
    assert rcode(answer) == "NXDOMAIN"
    assert len(answer.auth) == 1


def test_answers_are_authoritative_and_have_the_configured_ttl(ask: Any) -> None:
    answer = ask("api.default.svc.cluster.local")
    assert answer.header.aa == 1
    assert answer.rr[0].ttl == 30


def test_srv_answers_carry_the_addresses_of_their_targets(ask: Any) -> None:
    answer = ask("_http._tcp.web.default.svc.cluster.local", "SRV")
    glue = {str(rr.rname): str(rr.rdata) for rr in answer.ar if rr.rtype == 1}
    assert glue["web-0.web.default.svc.cluster.local."] == "10.1.0.2"


def test_pods_may_be_disabled_or_verified(ask: Any, index: ClusterIndex) -> None:
    block = "x:53 { kubernetes cluster.local { pods %s \n } \n }".replace("x:53", ".:53")
    name = "10-1-0-9.default.pod.cluster.local"
    assert rcode(ask(name, corefile=block % "disabled")) == "NXDOMAIN"
    assert rcode(ask(name, corefile=block % "verified")) == "NXDOMAIN"
    pod = v.Pod(metadata=v.Meta(name="p", namespace="default"), status=v.PodStatus(pod_ip="10.1.0.9"))
    index.pod_changed(None, pod)
    assert data(ask(name, corefile=block % "verified")) == ["10.1.0.9"]


def test_changes_of_services_and_slices_are_followed(ask: Any, index: ClusterIndex) -> None:
    old = index.services[("default", "api")]
    new = v.Service(metadata=old.metadata, spec=v.ServiceSpec(cluster_ip="10.96.0.77", ports=old.spec.ports))
    index.service_changed(old, new)
    assert data(ask("api.default.svc.cluster.local")) == ["10.96.0.77"]
    assert rcode(ask("77.0.96.10.in-addr.arpa", "PTR")) == "NOERROR"
    index.service_changed(new, None)
    assert rcode(ask("api.default.svc.cluster.local")) == "NXDOMAIN"
    (first,) = index._slices[("default", "web")].values()
    index.slice_changed(first, None)
    assert rcode(ask("web.default.svc.cluster.local")) == "NXDOMAIN"
    assert index._slices_by_ip == {}


def test_names_of_other_zones_are_refused_without_forward(ask: Any) -> None:
    assert rcode(ask("example.org")) == "REFUSED"


def test_an_answer_too_large_for_udp_is_cut_and_marked(ask: Any, index: ClusterIndex) -> None:
    many = [v.SliceEndpoint(addresses=[f"10.2.{i // 250}.{i % 250 + 1}"]) for i in range(200)]
    meta = v.Meta(name="web-2", namespace="default", labels={"kubernetes.io/service-name": "web"})
    index.slice_changed(None, v.EndpointSlice(metadata=meta, endpoints=many))
    small = ask("web.default.svc.cluster.local", size=None)
    assert small.header.tc == 1
    assert 0 < len(small.rr) < 32
    assert len(ask("web.default.svc.cluster.local", tcp=True).rr) == 202


def test_until_the_first_lists_are_there_cluster_names_fail_rather_than_not_exist(
    ask: Any, index: ClusterIndex
) -> None:
    index.is_complete = False
    assert rcode(ask("nothing.default.svc.cluster.local")) == "SERVFAIL"
    assert rcode(ask("host.minikube.internal")) == "NOERROR"
