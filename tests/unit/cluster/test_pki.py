"""Certificates: who is named in them, when they are made anew, who may read the keys."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from kajitori.cluster import kubeconfigs, pki
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile

NODE = Node(name="minikube", ip="192.168.49.2")
PROFILE = Profile(name="minikube", subnet="192.168.49.0/24", nodes=(NODE,))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / ".minikube")
    pki.write_all(made, PROFILE, NODE, "192.168.49.1")
    return made


def subject(path: Path) -> tuple[str, list[str]]:
    name = x509.load_pem_x509_certificate(path.read_bytes()).subject
    organizations = [str(a.value) for a in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    return str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value), organizations


@pytest.mark.parametrize(
    ("file", "identity"),
    [
        (
            "etc/kubernetes/pki/apiserver-kubelet-client.crt",
            ("kube-apiserver-kubelet-client", ["kubeadm:cluster-admins"]),
        ),
        ("etc/kubernetes/pki/controller-manager.crt", ("system:kube-controller-manager", [])),
        ("etc/kubernetes/pki/scheduler.crt", ("system:kube-scheduler", [])),
        ("etc/kubernetes/pki/front-proxy-client.crt", ("front-proxy-client", [])),
        ("var/lib/kubelet/pki/kubelet-client.crt", ("system:node:minikube", ["system:nodes"])),
    ],
)
def test_every_component_has_its_upstream_identity(home: Home, file: str, identity: tuple[str, list[str]]) -> None:
    assert subject(home.machine("minikube").root / file) == identity


def test_the_users_certificate_is_a_masters(home: Home) -> None:
    assert subject(home.profile("minikube") / "client.crt") == ("minikube-user", ["system:masters"])


def test_the_api_server_answers_to_all_its_names(home: Home) -> None:
    certificate = x509.load_pem_x509_certificate((home.machine("minikube").pki / "apiserver.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"kubernetes.default.svc.cluster.local", "localhost"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"10.96.0.1", "127.0.0.1", "192.168.49.2"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))


def test_keys_are_readable_by_their_owner_only(home: Home) -> None:
    keys = [*home.root.rglob("*.key"), *home.machine("minikube").kubernetes.glob("*.conf")]
    assert keys
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}


def test_a_second_run_keeps_everything(home: Home) -> None:
    before = {path: path.read_bytes() for path in home.root.rglob("*.crt")}
    pki.write_all(home, PROFILE, NODE, "192.168.49.1")
    assert {path: path.read_bytes() for path in home.root.rglob("*.crt")} == before


def test_a_new_address_renews_only_what_names_it(home: Home) -> None:
    before = {path: path.read_bytes() for path in home.root.rglob("*.crt")}
    moved = replace(NODE, ip="192.168.58.2")
    pki.write_all(home, replace(PROFILE, nodes=(moved,)), moved, "192.168.58.1")
    changed = {path.name for path in home.root.rglob("*.crt") if path.read_bytes() != before[path]}
    assert changed == {"apiserver.crt", "kubelet.crt"}


def test_kubeconfigs_are_written_for_every_component(home: Home) -> None:
    machine = home.machine("minikube")
    kubeconfigs.write_all(machine, PROFILE, NODE, NODE.ip)
    text = (machine.kubernetes / "controller-manager.conf").read_text()
    assert "server: https://192.168.49.2:8443" in text
    assert "current-context: system:kube-controller-manager@mk" in text
    assert {p.name for p in machine.kubernetes.glob("*.conf")} == {
        "admin.conf",
        "controller-manager.conf",
        "kubelet.conf",
        "scheduler.conf",
        "super-admin.conf",
    }


def test_tokens_are_signed_by_a_key_that_every_relying_party_can_check(tmp_path):
    pki.service_account_keys(tmp_path)
    assert isinstance(load_pem_private_key((tmp_path / "sa.key").read_bytes(), None), RSAPrivateKey)
    assert (tmp_path / "sa.key").stat().st_mode & 0o777 == 0o600
