"""A small cluster to ask about, and a way to ask; dnslib reads the answers, as a referee that is not our code."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import dnslib
import pytest

from kajitori.dns import views as v
from kajitori.dns.corefile import parse
from kajitori.dns.handler import Block, Handler
from kajitori.dns.index import ClusterIndex

COREFILE = """.:53 {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    hosts {
       192.168.49.1 host.minikube.internal
       fallthrough
    }
    cache 30
}
"""


def service(name: str, ip: str, *ports: tuple[str, int, str], **spec: Any) -> v.Service:
    found = [v.ServicePort(name=n, port=p, protocol=proto) for n, p, proto in ports]
    return v.Service(
        metadata=v.Meta(name=name, namespace="default"), spec=v.ServiceSpec(cluster_ip=ip, ports=found, **spec)
    )


def piece(name: str, *endpoints: v.SliceEndpoint, owner: str = "web") -> v.EndpointSlice:
    return v.EndpointSlice(
        metadata=v.Meta(name=name, namespace="default", labels={"kubernetes.io/service-name": owner}),
        endpoints=list(endpoints),
        ports=[v.EndpointPort(name="http", port=8080, protocol="TCP")],
    )


@pytest.fixture
def index() -> ClusterIndex:
    made = ClusterIndex()
    for name in ("default", "kube-system"):
        made.namespace_changed(None, v.Namespace(metadata=v.Meta(name=name)))
    made.service_changed(None, service("api", "10.96.0.1", ("https", 443, "TCP"), ("status", 99, "UDP")))
    made.service_changed(None, service("dual", "10.96.0.2", cluster_ips=["10.96.0.2", "fd00::2"]))
    made.service_changed(None, service("web", "None", ("http", 80, "TCP")))
    made.service_changed(None, service("lonely", "None"))
    made.service_changed(None, service("alias", "", type="ExternalName", external_name="api.default.svc.cluster.local"))
    made.service_changed(None, service("outside", "", type="ExternalName", external_name="Example.org."))
    made.slice_changed(
        None,
        piece(
            "web-1",
            v.SliceEndpoint(addresses=["10.1.0.2"], hostname="web-0"),
            v.SliceEndpoint(addresses=["10.1.0.3"]),
            v.SliceEndpoint(addresses=["10.1.0.4"], conditions=v.EndpointConditions(ready=False)),
        ),
    )
    return made


Ask = Callable[..., dnslib.DNSRecord]


@pytest.fixture
def ask(index: ClusterIndex) -> Ask:
    """ask(name, type, corefile=…, tcp=False, size=None) → the parsed answer."""

    def asking(
        name: str, kind: str = "A", *, corefile: str = COREFILE, tcp: bool = False, size: int | None = 1232
    ) -> dnslib.DNSRecord:
        handler = Handler([Block(config, index) for config in parse(corefile)])
        question = dnslib.DNSRecord.question(name, kind)
        if size:
            question.add_ar(dnslib.EDNS0(udp_len=size))
        answer = handler.answer(question.pack(), is_tcp=tcp)
        if inspect.isawaitable(answer):
            pending = answer

            async def wait() -> bytes:
                return await pending

            answer = asyncio.run(wait())
        assert isinstance(answer, bytes)
        return dnslib.DNSRecord.parse(answer)

    return asking
