"""APIServices as data, and documents with other servers' parts."""

from __future__ import annotations

from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.aggregation import merging, services
from kajitori.apiserver.aggregation.merging import RemoteVersion
from kajitori.apiserver.aggregation.remote import identity_headers
from kajitori.apiserver.aggregation.resolve import obstacle, server_name
from kajitori.apiserver.user import UserInfo

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
REFERENCE = {"namespace": "kube-system", "name": "metrics-server", "port": 443}


def test_every_builtin_group_but_the_aggregators_own_is_registered() -> None:
    found = {s["metadata"]["name"]: s["spec"] for s in services.local_services(builtin().resources())}
    assert found["v1."] == {"version": "v1", "groupPriorityMinimum": 18000, "versionPriority": 1}
    assert found["v2.autoscaling"]["versionPriority"] > found["v1.autoscaling"]["versionPriority"]
    assert not any(name.endswith(".apiregistration.k8s.io") for name in found)


def test_transition_time_moves_only_with_the_status() -> None:
    service: dict[str, Any] = {}
    assert services.set_condition(service, services.condition("False", "ServiceNotFound", "gone"), NOW)
    assert services.set_condition(service, services.condition("False", "MissingEndpoints", "none"), LATER)
    assert service["status"]["conditions"][0]["lastTransitionTime"] == NOW
    assert not services.set_condition(service, services.condition("False", "MissingEndpoints", "none"), LATER)
    assert services.set_condition(service, services.PASSED, LATER)
    assert service["status"]["conditions"] == [{**services.PASSED, "lastTransitionTime": LATER}]
    assert services.available(service)


def slices(*, ready: bool | None = True, port: str = "https", addresses: tuple[str, ...] = ("10.0.0.1",)) -> Any:
    labels = {"kubernetes.io/service-name": "metrics-server"}
    metadata = {"name": "s", "namespace": "kube-system", "labels": labels}
    endpoint = {"addresses": list(addresses), "conditions": {"ready": ready}}
    return {"metadata": metadata, "endpoints": [endpoint], "ports": [{"name": port, "port": 4443}]}


def service(kind: str = "ClusterIP", port: int = 443) -> Any:
    return {"metadata": {"name": "metrics-server"}, "spec": {"type": kind, "ports": [{"name": "https", "port": port}]}}


class Objects:
    def __init__(self, service: Any, *endpoint_slices: Any) -> None:
        self._service, self._slices = service, endpoint_slices

    def get(self, *_: str) -> Any:
        return self._service

    def list(self, *_: str) -> Any:
        return self._slices

    def revision(self, *_: str) -> int:
        return 0


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        (Objects(None), "ServiceNotFound"),
        (Objects(service(port=8443)), "ServicePortError"),
        (Objects(service()), "EndpointsNotFound"),
        (Objects(service(), slices(ready=False)), "MissingEndpoints"),
        (Objects(service(), slices(port="http")), "MissingEndpoints"),
        (Objects(service(), slices(addresses=())), "MissingEndpoints"),
        (Objects(service(), slices(ready=None)), ""),
        (Objects(service(), slices()), ""),
        (Objects(service("ExternalName")), ""),
    ],
)
def test_obstacles_are_named_as_upstream_names_them(objects: Objects, reason: str) -> None:
    assert (obstacle(objects, REFERENCE) or {"reason": ""})["reason"] == reason


def test_certificates_are_for_the_service() -> None:
    assert server_name(REFERENCE) == "metrics-server.kube-system.svc"


def test_identity_cannot_break_out_of_its_header() -> None:
    user = UserInfo("ann\r\nX-Remote-Group: system:masters", groups=("a\nb",), extra={"k/é x": ("v",)})
    headers = identity_headers(user)
    assert not any("\r" in text or "\n" in text for pair in headers for text in pair)
    assert headers[-1][0] == "X-Remote-Extra-k%2F%C3%A9%20x"


REMOTE = RemoteVersion("metrics.k8s.io", "v1beta1", 100)


def test_group_list_gains_groups_and_versions() -> None:
    ours = {"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}], "preferredVersion": {}}
    merged = merging.group_list({"groups": [ours]}, [REMOTE, RemoteVersion("apps", "v9", 1)])
    assert [group["name"] for group in merged["groups"]] == ["apps", "metrics.k8s.io"]
    assert [v["version"] for v in merged["groups"][0]["versions"]] == ["v1", "v9"]
    assert merged["groups"][1]["preferredVersion"]["groupVersion"] == "metrics.k8s.io/v1beta1"
    assert len(ours["versions"]) == 1  # what was given stays as it was


def test_groups_stand_in_the_order_of_their_priorities() -> None:
    local = [{"name": name, "versions": []} for name in ("apps", "example.com")]
    remotes = [RemoteVersion("first.example.com", "v1", 20000), RemoteVersion("metrics.k8s.io", "v1beta1", 100)]
    merged = merging.group_list({"groups": local}, remotes)
    names = ["first.example.com", "apps", "example.com", "metrics.k8s.io"]
    assert [group["name"] for group in merged["groups"]] == names
    items = [{"metadata": {"name": group["name"]}, "versions": []} for group in local]
    listed = merging.aggregated_list({"items": items}, remotes)
    assert [item["metadata"]["name"] for item in listed["items"]] == names


def test_aggregated_list_tells_stale_from_current() -> None:
    stale = merging.aggregated_list({"items": []}, [REMOTE])["items"][0]
    assert stale["versions"] == [{"version": "v1beta1", "freshness": "Stale"}]
    fresh = RemoteVersion("metrics.k8s.io", "v1beta1", 100, is_current=True, resources=[{"resource": "pods"}])
    current = merging.aggregated_list({"items": []}, [fresh])["items"][0]
    assert current["versions"][0]["freshness"] == "Current"


def test_openapi_takes_only_the_servers_own_paths() -> None:
    theirs = {
        "paths": {"/apis/metrics.k8s.io/v1beta1/pods": {}, "/api/v1/secrets": {"evil": 1}},
        "definitions": {"X": 1},
    }
    remote = RemoteVersion("metrics.k8s.io", "v1beta1", 100, openapi_v2=theirs)
    merged = merging.v2({"paths": {"/api/v1/secrets": {}}, "definitions": {"X": 0}}, [remote])
    assert merged["paths"] == {"/api/v1/secrets": {}, "/apis/metrics.k8s.io/v1beta1/pods": {}}
    assert merged["definitions"] == {"X": 0}


def test_old_resource_lists_become_new_ones() -> None:
    rows = [
        {"name": "pods", "kind": "PodMetrics", "namespaced": True, "verbs": ["get"], "shortNames": ["pm"]},
        {"name": "pods/scale", "kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": ["get"]},
    ]
    (found,) = merging.resources_of({"resources": rows}, "metrics.k8s.io", "v1beta1")
    assert (found["scope"], found["shortNames"]) == ("Namespaced", ["pm"])
    assert found["subresources"][0]["responseKind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
