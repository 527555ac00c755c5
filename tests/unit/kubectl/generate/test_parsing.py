"""Small texts in flags."""

import random

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.generate.contents import gather, name_hash
from kajitori.kubectl.generate.exposing import Wishes, service_for
from kajitori.kubectl.generate.parsing import container_name, labels
from kajitori.kubectl.generate.services import tcp_ports


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "nginx"),
        ("nginx:1.2", "nginx"),
        ("registry.k8s.io/e2e-test-images/agnhost:2.53", "agnhost"),
        ("localhost:5000/x/web@sha256:abc", "web"),
        ("gcr.io/google-samples/kubernetes-bootcamp:v1", "kubernetes-bootcamp"),
    ],
)
def test_a_container_is_named_after_its_image(image: str, name: str) -> None:
    assert container_name(image) == name


def test_a_name_with_dots_is_cleaned_and_gets_a_random_end() -> None:
    name = container_name("my_web.app:1", random.Random(1))
    assert name.startswith("my-web-app-")
    assert len(name) == len("my-web-app-") + 5


@pytest.mark.parametrize(
    ("spec", "port"),
    [
        ("80", {"name": "80", "protocol": "TCP", "port": 80, "targetPort": 80}),
        ("80:8080", {"name": "80-8080", "protocol": "TCP", "port": 80, "targetPort": 8080}),
        ("80:http", {"name": "80-http", "protocol": "TCP", "port": 80, "targetPort": "http"}),
    ],
)
def test_a_tcp_pair_is_a_service_port(spec: str, port: dict[str, object]) -> None:
    assert tcp_ports([spec]) == [port]


def test_labels_are_pairs() -> None:
    assert labels("a=b,c=") == {"a": "b", "c": ""}
    with pytest.raises(UsageError):
        labels("a")


def test_the_hash_of_a_name_is_upstreams() -> None:
    assert name_hash({"kind": "ConfigMap", "name": "x", "data": {"a": "b"}}) == "64686gkt6c"


@pytest.mark.parametrize(
    ("literal", "value"), [("a=b", b"b"), ("a=b=c", b"b=c"), ("a='b c'", b"b c"), ('a="b"', b"b"), ("a=", b"")]
)
def test_a_literal_may_be_quoted(literal: str, value: bytes) -> None:
    assert gather("Secret", "x", files=(), literals=[literal], env_files=()) == {"a": value}


@pytest.mark.parametrize(
    ("literals", "message"),
    [
        (["a"], "invalid literal source a, expected key=value"),
        (["=b"], "invalid literal source =b, expected key=value"),
        (["a=b", "a=c"], "another key by that name already exists in Data"),
        (["a/b=c"], '"a/b" is not a valid key name for a ConfigMap'),
    ],
)
def test_bad_literals_are_refused(literals: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        gather("ConfigMap", "x", files=(), literals=literals, env_files=())


DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "spec": {"containers": [{"ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]}]}
        },
    },
}


def test_ports_and_protocols_come_from_the_containers() -> None:
    service = service_for(DEPLOYMENT, Wishes())
    assert service["spec"]["ports"] == [
        {"name": "port-1", "protocol": "TCP", "port": 80, "targetPort": 80},
        {"name": "port-2", "protocol": "UDP", "port": 53, "targetPort": 53},
    ]
    assert service["spec"]["selector"] == {"app": "web"}
    assert service["metadata"] == {"name": "web", "labels": {"app": "web"}}


def test_flags_win_over_the_object() -> None:
    service = service_for(
        DEPLOYMENT, Wishes(port="8080", target_port="http", kind="NodePort", name="x", selector="a=b", labels="c=d")
    )
    assert service["spec"] == {
        "ports": [{"protocol": "TCP", "port": 8080, "targetPort": "http"}],
        "selector": {"a": "b"},
        "type": "NodePort",
    }
    assert service["metadata"] == {"name": "x", "labels": {"c": "d"}}


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ({"kind": "Namespace"}, "cannot expose a Namespace"),
        ({"kind": "Pod", "metadata": {"name": "x"}}, "the pod has no labels and cannot be exposed"),
        (
            {"kind": "Deployment", "metadata": {}, "spec": {"selector": {"matchLabels": {"a": "b"}}}},
            "couldn't find port via --port flag",
        ),
    ],
)
def test_what_cannot_be_exposed_is_refused(obj: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        service_for(obj, Wishes())
