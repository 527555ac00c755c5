"""Addons: what is written, in which order, and what is left as it is."""

import asyncio
from typing import Any

import pytest

from kajitori.cluster import addons_state, manifests
from kajitori.cluster.failures import ClusterFailure
from kajitori.cluster.profile import Profile
from kajitori.machinery.errors import AlreadyExists, Invalid, NotFound

VALUES = {"DNS_DOMAIN": "cluster.local", "DNS_IP": "10.96.0.10", "GATEWAY": "192.168.49.1", "NODE_NAME": "minikube"}


class FakeClient:
    """Remembers requests; `answers` maps `METHOD path` to what is raised."""

    def __init__(self, answers: dict[str, Exception] | None = None) -> None:
        self.requests: list[str] = []
        self.answers = answers or {}

    async def raw(self, method: str, path: str, *, body: Any = None) -> None:
        self.requests.append(f"{method} {path}")
        if error := self.answers.get(f"{method} {path}"):
            raise error


def write(client: FakeClient, objects: list[manifests.Wire]) -> None:
    asyncio.run(manifests.ensure(client, objects))  # type: ignore[arg-type]


def service(name: str) -> manifests.Wire:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "kube-system"}}


@pytest.mark.parametrize("name", ["bootstrap", "coredns", "storage-provisioner", "storageclass"])
def test_every_addon_is_filled_in_completely(name: str) -> None:
    objects = manifests.render(name, VALUES)
    assert objects
    assert "${" not in repr(objects)
    assert all(manifests.collection_path(obj).startswith(("/api/v1/", "/apis/")) for obj in objects)


def test_dns_has_its_fixed_address_and_upstreams_ports() -> None:
    found = next(obj for obj in manifests.render("coredns", VALUES) if obj["kind"] == "Service")
    assert found["spec"]["clusterIP"] == "10.96.0.10"
    assert [(p["port"], p["protocol"]) for p in found["spec"]["ports"]] == [(53, "UDP"), (53, "TCP"), (9153, "TCP")]


def test_a_deployments_pods_get_their_program() -> None:
    found = next(obj for obj in manifests.render("coredns", VALUES) if obj["kind"] == "Deployment")
    command = found["spec"]["template"]["spec"]["containers"][0]["command"]
    assert command[-2:] == ["-conf", "/etc/coredns/Corefile"]
    assert command[3] == "dns"


def test_what_runs_is_written_last() -> None:
    client = FakeClient()
    write(client, manifests.render("storage-provisioner", VALUES))
    assert client.requests[-1] == "POST /api/v1/namespaces/kube-system/pods"


def test_what_is_there_already_is_left_alone() -> None:
    path = "/api/v1/namespaces/kube-system/services"
    client = FakeClient({f"POST {path}": AlreadyExists.of("", "services", "a")})
    write(client, [service("a")])
    assert client.requests == [f"POST {path}"]


def test_a_service_whose_address_is_its_own_is_no_failure() -> None:
    path = "/api/v1/namespaces/kube-system/services"
    client = FakeClient({f"POST {path}": Invalid.of("", "Service", "a", [])})
    write(client, [service("a")])
    assert client.requests == [f"POST {path}", f"GET {path}/a"]


def test_a_refusal_of_something_new_is_a_failure() -> None:
    path = "/api/v1/namespaces/kube-system/services"
    refused = Invalid.of("", "Service", "a", [])
    client = FakeClient({f"POST {path}": refused, f"GET {path}/a": NotFound.of("", "services", "a")})
    with pytest.raises(ExceptionGroup) as caught:
        write(client, [service("a")])
    assert caught.value.exceptions[0] is refused


def test_addons_switch_on_and_off_and_unknown_ones_are_refused() -> None:
    profile = Profile(name="x")
    assert addons_state.is_on(profile, "storage-provisioner")
    off = addons_state.switched(profile, "storage-provisioner", on=False)
    assert addons_state.files_of(off) == ["storageclass"]
    for name in ("no-such-thing", "ingress"):
        with pytest.raises(ClusterFailure):
            addons_state.switched(profile, name, on=True)
