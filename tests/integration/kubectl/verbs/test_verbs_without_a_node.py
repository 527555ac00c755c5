"""events, auth, certificate, logs, exec and the rest: what can be seen without a node."""

from __future__ import annotations

import base64
import re
import socket
import subprocess
import sys

import pytest

from kajitori.machinery.certificates import new_request

from .conftest import Kubectls
from .stagedobjects import SCENES
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
    """A namespace whose pods run nowhere: on no node that another test may have made, with an address to be asked."""
    kubectls.make("create namespace silent")
    made = kubectls.within("silent")
    made.make("create serviceaccount default")
    manifest, status = SCENES["pod"]
    stage(made, manifest.replace("nodeName: worker", "nodeName: nowhere"), status)
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


ROLES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: NAMESPACE, labels: {team: a}}
rules:
- {apiGroups: [""], resources: [pods, services], verbs: [get]}
- {apiGroups: [apps], resources: [deployments], verbs: [get, list], resourceNames: [web]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: NAMESPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}
"""
OTHER_ROLE = ROLES.replace("services]", "secrets]").replace("name: bob", "name: cid").replace("team: a", "mood: good")


def test_auth_reconcile(space: Kubectls) -> None:
    """Each in a namespace of its own, through the same steps, to the same objects. Upstream needs it in the file."""
    theirs, ours = space, space.within(f"{space.namespace}-ours")
    space.make(f"create namespace {ours.namespace}")
    flags = ("", "--dry-run=client", "--remove-extra-permissions --remove-extra-subjects", "-o yaml", "-o name")
    for text in (
        ROLES,
        ROLES,
        OTHER_ROLE,
        OTHER_ROLE.replace("kind: Role, name: reader", "kind: ClusterRole, name: view"),
    ):
        for flag in flags:
            line = f"auth reconcile -f - {flag}"
            expected = theirs.theirs(line, text.replace("NAMESPACE", theirs.namespace))
            got = ours.ours(line, text.replace("NAMESPACE", ours.namespace))
            assert unnamed(got.out, ours) == unnamed(expected.out, theirs), line
            assert (got.err, got.code) == (expected.err, expected.code), line
        made = "get roles,rolebindings -o json"
        assert unnamed(ours.theirs(made).out, ours) == unnamed(theirs.theirs(made).out, theirs)


def unnamed(text: str, where: Kubectls) -> str:
    """Without what no two objects share."""
    text = re.sub(rf"\b{where.namespace}\b", "NAMESPACE", text)
    return re.sub(r'("?(uid|resourceVersion|creationTimestamp)"?: ).*', r"\1X", text)


def test_groups_without_a_subcommand(space: Kubectls) -> None:
    for group in (
        "top",
        "auth",
        "config",
        "set",
        "rollout",
        "certificate",
        "create secret",
        "create service",
        "plugin",
    ):
        theirs, ours = space.theirs(group), space.ours(group)
        assert (ours.code, bool(ours.out), bool(ours.err)) == (theirs.code, bool(theirs.out), bool(theirs.err)), group
    space.alike("top foo", "auth foo", "rollout foo", "create secret foo", "config foo", at_once=4)


@pytest.mark.parametrize("field", ["", '"foo": 1, ', '"bar": 2, "foo": 1, '], ids=["none", "one", "two"])
def test_warnings_count_as_errors_when_asked(space: Kubectls, field: str) -> None:
    line = "apply --server-side --force-conflicts --validate=warn --warnings-as-errors -f -"
    text = '{"apiVersion": "v1", FIELD"kind": "ConfigMap", "metadata": {"name": "c"}}'.replace("FIELD", field)
    theirs, ours = space.theirs(line, text), space.ours(line, text)
    assert ours == theirs
    assert ours.code == bool(field)


def test_proxy_gives_leave_to_send_a_body(space: Kubectls) -> None:
    command = [sys.executable, "-m", "kajitori.kubectl", "proxy", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=space._env()) as proxy:
        try:
            assert proxy.stdout is not None
            port = int(proxy.stdout.readline().strip().rpartition(":")[2])
            body = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sent"}}'
            with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
                sock.sendall(
                    f"POST /api/v1/namespaces/{space.namespace}/configmaps HTTP/1.1\r\nHost: localhost\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                    "Expect: 100-continue\r\nConnection: close\r\n\r\n".encode()
                )
                assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
                sock.sendall(body)
                assert sock.recv(1000).startswith(b"HTTP/1.1 201 Created\r\n")
        finally:
            proxy.terminate()
