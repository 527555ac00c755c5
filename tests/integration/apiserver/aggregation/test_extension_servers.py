"""APIServices: an extension API server behind ours, asked by the real kubectl and by raw HTTP."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import ask
from tests.waiting import eventually

pytestmark = pytest.mark.integration
NAME = "v1.weather.example.com"


def condition(kubectl: Any) -> dict[str, Any]:
    found = kubectl.json("get", "apiservice", NAME).get("status", {}).get("conditions", [{}])
    return found[0] if found else {}


def reason(kubectl: Any, wanted: str) -> Callable[[], Any]:
    return lambda: condition(kubectl) if condition(kubectl).get("reason") == wanted else None


def register(aggregated: Any, kubectl: Any) -> None:
    kubectl.create(aggregated.service(), aggregated.api_service())
    eventually(reason(kubectl, "Passed"), "the reason is Passed")


def listed(kubectl: Any) -> Callable[[], Any]:
    return lambda: "forecasts" in kubectl.run("api-resources", "--api-group=weather.example.com").stdout


def test_local_groups_are_registered_and_available(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)

    def all_there() -> Any:
        items = kubectl.json("get", "apiservices")["items"]
        told = {i["metadata"]["name"]: i.get("status", {}).get("conditions", [{}])[0].get("reason") for i in items}
        return told if {"v1.", "v1.apps", "v2.autoscaling"} <= told.keys() and set(told.values()) == {"Local"} else None

    assert "v1.apiregistration.k8s.io" not in eventually(all_there, "all local APIServices are there")
    labels = kubectl.json("get", "apiservice", "v1.apps")["metadata"]["labels"]
    assert labels == {"kube-aggregator.kubernetes.io/automanaged": "onstart"}


def test_deleted_local_apiservice_comes_back(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    eventually(lambda: kubectl.run("get", "apiservice", "v1.batch").returncode == 0, "v1.batch is there")
    uid = kubectl.json("get", "apiservice", "v1.batch")["metadata"]["uid"]
    kubectl.ok("delete", "apiservice", "v1.batch")

    def fresh() -> bool:
        found = kubectl.run("get", "apiservice", "v1.batch", "-o", "json")
        return found.returncode == 0 and json.loads(found.stdout)["metadata"]["uid"] != uid

    eventually(fresh, "a new v1.batch is there")


def test_kubectl_gets_aggregated_objects(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)
    eventually(listed(kubectl), "discovery lists it")
    assert kubectl.ok("get", "fc", "-o", "name") == "forecast.weather.example.com/sunny\n"
    assert "weather.example.com/v1\n" in kubectl.ok("api-versions")
    assert json.loads(kubectl.ok("get", "--raw", "/apis/weather.example.com"))["preferredVersion"]["version"] == "v1"


def test_extension_server_learns_the_user_and_nothing_secret(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)
    aggregated.extension.seen.clear()
    path = "/apis/weather.example.com/v1/namespaces/default/forecasts?limit=5"
    headers = {
        "Impersonate-User": "ann",
        "Impersonate-Group": "system:masters",
        "Impersonate-Extra-Dept": "sky",
        "X-Remote-User": "mallory",
    }
    assert ask(aggregated.control_plane, path, headers=headers).status == 200
    (seen,) = [headers for headers in aggregated.extension.seen if headers[":path"] == [path]]
    assert seen["x-remote-user"] == ["ann"]
    assert seen["x-remote-group"] == ["system:masters", "system:authenticated"]
    assert seen["x-remote-extra-dept"] == ["sky"]
    assert "authorization" not in seen
    assert not any(name.startswith("impersonate-") for name in seen)


def test_aggregated_requests_are_authorized_first(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)
    refused = kubectl.fails("get", "--raw", "/apis/weather.example.com/v1/namespaces/default/forecasts", "--as", "eve")
    assert 'cannot list resource "forecasts" in API group "weather.example.com"' in refused


def test_openapi_holds_the_extension_servers_part(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)

    def index() -> Any:
        return json.loads(kubectl.ok("get", "--raw", "/openapi/v3"))["paths"].get("apis/weather.example.com/v1")

    entry = eventually(index, "the OpenAPI index has it")
    document = json.loads(kubectl.ok("get", "--raw", entry["serverRelativeURL"]))
    assert document["info"]["title"] == "weather"
    whole = json.loads(kubectl.ok("get", "--raw", "/openapi/v2"))
    assert "/apis/weather.example.com/v1/" in whole["paths"]
    assert "com.example.weather.v1.Forecast" in whole["definitions"]


def test_watches_stream_through(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)
    raw = kubectl.ok("get", "--raw", "/apis/weather.example.com/v1/namespaces/default/forecasts?watch=true")
    assert [json.loads(line)["object"]["metadata"]["name"] for line in raw.splitlines()] == ["sunny", "rainy"]


def test_upgrades_go_through(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    register(aggregated, kubectl)
    control_plane = aggregated.control_plane
    context = ssl.create_default_context(cafile=str(control_plane.ca_file))
    with (
        socket.create_connection(("127.0.0.1", control_plane.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.settimeout(10)
        connection.sendall(
            b"GET /apis/weather.example.com/v1/namespaces/default/forecasts/sunny/shout HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer %b\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
            % control_plane.admin_token.encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"echo")
        rest = answer.partition(b"\r\n\r\n")[2]
        while len(rest) < 4 and (more := connection.recv(4096)):
            rest += more
        assert rest == b"ECHO"


def test_missing_service_makes_unavailable_until_it_appears(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    kubectl.create(aggregated.api_service())
    found = eventually(reason(kubectl, "ServiceNotFound"), "the reason is ServiceNotFound")
    assert (found["status"], found["message"]) == ("False", 'service/api in "default" is not present')
    assert "False (ServiceNotFound)" in kubectl.ok("get", "apiservice", NAME)
    refused = kubectl.fails("get", "--raw", "/apis/weather.example.com/v1/namespaces/default/forecasts")
    assert refused == "Error from server (ServiceUnavailable): the server is currently unable to handle the request\n"
    kubectl.create(aggregated.service())
    eventually(reason(kubectl, "Passed"), "the reason is Passed")


def test_failing_server_is_told_by_its_url(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    aggregated.extension.healthy = False
    kubectl.create(aggregated.service(), aggregated.api_service())
    url = f"https://localhost:{aggregated.extension.port}/apis/weather.example.com/v1"
    found = eventually(reason(kubectl, "FailedDiscoveryCheck"), "the reason is FailedDiscoveryCheck")
    assert found["message"] == f"failing or missing response from {url}: bad status from {url}: 500"
    aggregated.extension.healthy = True
    eventually(reason(kubectl, "Passed"), "the reason is Passed")


def test_service_without_endpoints_is_told_so(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    ports = [{"name": "https", "port": aggregated.extension.port, "protocol": "TCP"}]
    kubectl.create({**aggregated.service(), "spec": {"ports": ports}}, aggregated.api_service())
    found = eventually(reason(kubectl, "EndpointsNotFound"), "the reason is EndpointsNotFound")
    assert found["message"] == 'cannot find endpointslices for service/api in "default"'
    kubectl.create(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "api-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "api"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": False}}],
            "ports": ports,
        }
    )
    found = eventually(reason(kubectl, "MissingEndpoints"), "the reason is MissingEndpoints")
    wanted = 'endpointslices for service/api in "default" have no addresses with port name "https"'
    assert found["message"] == wanted


def test_wrong_certificate_authority_is_refused(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    service = aggregated.api_service()
    del service["spec"]["caBundle"]
    kubectl.create(aggregated.service(), service)
    found = eventually(reason(kubectl, "FailedDiscoveryCheck"), "the reason is FailedDiscoveryCheck")
    assert "x509" in found["message"]


def test_top_says_that_there_is_no_metrics_api(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    assert kubectl.fails("top", "pods") == "error: Metrics API not available\n"


def test_custom_resources_have_apiservices_as_long_as_they_are_served(aggregated, kubectl_for) -> None:
    kubectl = kubectl_for(aggregated.control_plane)
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "crontabs.stable.example.com"},
        "spec": {
            "group": "stable.example.com",
            "scope": "Namespaced",
            "names": {"plural": "crontabs", "singular": "crontab", "kind": "CronTab"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    kubectl.create(definition)
    name = "v1.stable.example.com"
    eventually(lambda: kubectl.run("get", "apiservice", name).returncode == 0, "the APIService is there")
    service = kubectl.json("get", "apiservice", name)
    assert service["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "true"}
    assert (service["spec"]["groupPriorityMinimum"], service["spec"]["versionPriority"]) == (1000, 100)
    kubectl.ok("delete", "crd", "crontabs.stable.example.com")
    eventually(lambda: kubectl.run("get", "apiservice", name).returncode != 0, "the APIService is gone")
