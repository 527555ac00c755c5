"""events, auth, certificate, logs, exec and the rest: what can be seen without a node."""

from __future__ import annotations

import base64

import pytest

from kajitori.machinery.certificates import new_request

from .conftest import Kubectls
from .scenes import SCENES
from .test_describe import EVENTS, stage

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def test_events(space: Kubectls) -> None:
    space.alike("events", "events --for pod", "events --types=Odd", "events --for pod/x/y", "events --for nothing/x")
    space.make("create -f -", EVENTS.replace("UID", "x").replace("NAMESPACE", space.namespace))
    space.alike(
        "events",
        "events --types=Warning",
        "events --for pod/web",
        "events --for pod/none",
        "events --no-headers",
        "events -o name",
        "events -o yaml",
        "events -o json",
    )


def test_auth(space: Kubectls) -> None:
    space.alike(
        "auth whoami",
        "auth whoami -o json",
        "auth can-i get pods",
        "auth can-i get pods --subresource=log",
        "auth can-i get pods/x",
        "auth can-i get deploy",
        "auth can-i get nodes",
        "auth can-i get nothing",
        "auth can-i fly pods",
        "auth can-i get /healthz",
        "auth can-i '*' '*'",
        "auth can-i get",
        "auth can-i get pods --as=nobody",
        "auth can-i get pods --as=nobody -q",
        "auth can-i --list --as=nobody",
        "auth can-i --list",
        "auth can-i --list get pods",
        "auth can-i --list -A",
        "auth can-i get pods --no-headers",
    )


def csr(name: str) -> str:
    pem, _ = new_request("jane", organizations=["devs", "ops"], sans=["jane.example.com", "10.0.0.1"])
    request = base64.b64encode(pem).decode()
    return (
        f"apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {{name: {name}}}\nspec: {{request: "
        f"{request}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], expirationSeconds: 7200}}"
    )


def test_certificates(kubectls: Kubectls) -> None:
    for name in ("one", "two"):
        kubectls.make("create -f -", csr(name))
    try:
        kubectls.alike("describe csr one", "certificate approve", "certificate approve missing", "certificate")
        assert (
            kubectls.ours("certificate approve one").out
            == "certificatesigningrequest.certificates.k8s.io/one approved\n"
        )
        assert kubectls.ours("certificate deny two").out == "certificatesigningrequest.certificates.k8s.io/two denied\n"
        kubectls.alike(
            "certificate approve one", "certificate deny one", "certificate approve two", "describe csr one two"
        )
    finally:
        kubectls.make("delete csr one two")


@pytest.fixture(scope="module")
def silent(kubectls: Kubectls) -> Kubectls:
    """A namespace whose pods run nowhere."""
    kubectls.make("create namespace silent")
    made = kubectls.within("silent")
    made.make("create serviceaccount default")
    stage(made, *SCENES["pod"])
    made.make("create service clusterip web --tcp=80")
    made.make("create service clusterip none --clusterip=None")
    made.make("create configmap c")
    made.make("create deployment empty --image=x --replicas=0")
    return made


REFUSED = {
    "logs": (
        "logs missing",
        "logs cm/c",
        "logs web -c none",
        "logs web --all-containers -c main",
        "logs web main -c main",
        "logs web --since=1s --since-time=2020-01-01T00:00:00Z",
        "logs web --tail=-2",
        "logs web --limit-bytes=-1",
        "logs -l app=none",
        "logs -l app=none web",
        "logs a b c",
        "logs deploy/empty --pod-running-timeout=2s",
    ),
    "exec and attach": (
        "exec missing -- true",
        "exec web",
        "exec web true",
        "exec -- true",
        "exec web -c none -- true",
        "exec cm/c -- true",
        "exec deploy/empty --pod-running-timeout=2s -- true",
        "attach",
        "attach a b c",
        "attach missing",
        "attach web -c none",
    ),
    "port-forward": (
        "port-forward web",
        "port-forward missing 80",
        "port-forward web none",
        "port-forward web 80:http:x",
        "port-forward web 0",
        "port-forward web 5353:53",
        "port-forward pod/web 70000",
        "port-forward pod/web :",
    ),
    "the rest": (
        "top pod",
        "top node",
        "cp a",
        "cp a b",
        "cp missing web:/x",
        "cp web:/a web:/b",
        "debug web",
        "debug",
    ),
}


@pytest.mark.parametrize("lines", REFUSED.values(), ids=list(REFUSED))
def test_pods_that_cannot_be_talked_to(silent: Kubectls, lines: tuple[str, ...]) -> None:
    silent.alike(*lines, at_once=6)
