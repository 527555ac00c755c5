"""A cluster's certificates and keys, as kubeadm lays them out. What is there and still fits is kept.

    pki/{ca,apiserver,apiserver-kubelet-client,front-proxy-ca,front-proxy-client}.{crt,key}  pki/sa.{key,pub}

The cluster authority is the home's own (`~/.minikube/ca.crt`), shared by its profiles as minikube does; keys are 0600.
`cryptography` is imported only when something has to be made. May import: machinery, cluster's own modules.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.cluster.machine import write
from kajitori.cluster.paths import Home, Machine
from kajitori.cluster.profile import Node, Profile

if TYPE_CHECKING:
    from kajitori.machinery.certificates import KeyPair, Usage

CA_DAYS = 3650
LEAF_DAYS = 1095
"""minikube's `--cert-expiration`: three years."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One certificate: where it goes, whom it names, what it is for."""

    path: Path
    cn: str
    organizations: tuple[str, ...] = ()
    sans: tuple[str, ...] = ()
    usages: "tuple[Usage, ...]" = ("client",)
    authority: str = "ca"

    def fingerprint(self) -> str:
        """Kept beside the certificate: what it was asked to say."""
        return hashlib.sha256(repr((self.cn, self.organizations, self.sans, self.usages)).encode()).hexdigest()


def service_ip(cidr: str, index: int) -> str:
    """The range's address number `index`: 1 is the API server's, 10 the DNS server's."""
    import ipaddress

    return str(ipaddress.ip_network(cidr)[index])


def node_leaves(machine: Machine, profile: Profile, node: Node, gateway: str) -> list[Leaf]:
    """Every certificate of a node, the control plane's included where it has one."""
    kubelet = machine.var / "lib/kubelet/pki"
    leaves = [
        Leaf(path=kubelet / "kubelet-client", cn=f"system:node:{node.name}", organizations=("system:nodes",)),
        Leaf(path=kubelet / "kubelet", cn=f"{node.name}@kubelet", sans=(node.name, node.ip), usages=("server",)),
        Leaf(path=kubelet / "kube-proxy", cn="system:kube-proxy"),
    ]
    if not node.control_plane:
        return leaves
    sans = (
        *(f"kubernetes{suffix}" for suffix in ("", ".default", ".default.svc", f".default.svc.{profile.dns_domain}")),
        "minikubeCA",
        "control-plane.minikube.internal",
        "localhost",
        node.name,
        service_ip(profile.service_cidr, 1),
        "127.0.0.1",
        "10.0.0.1",
        node.ip,
        gateway,
    )
    masters = ("kubeadm:cluster-admins",)
    # They serve health and metrics with the same certificate: making one of their own would cost them a second.
    on_loopback: dict[str, Any] = {"sans": ("localhost", "127.0.0.1"), "usages": ("client", "server")}
    pki = machine.pki
    return [
        *leaves,
        Leaf(
            path=pki / "apiserver",
            cn="minikube",
            organizations=("system:masters",),
            sans=sans,
            usages=("server", "client"),
        ),
        Leaf(path=pki / "apiserver-kubelet-client", cn="kube-apiserver-kubelet-client", organizations=masters),
        Leaf(path=pki / "front-proxy-client", cn="front-proxy-client", authority="front-proxy-ca"),
        Leaf(path=pki / "admin", cn="kubernetes-admin", organizations=masters),
        Leaf(path=pki / "super-admin", cn="kubernetes-super-admin", organizations=("system:masters",)),
        Leaf(path=pki / "controller-manager", cn="system:kube-controller-manager", **on_loopback),
        Leaf(path=pki / "scheduler", cn="system:kube-scheduler", **on_loopback),
    ]


def client_leaf(home: Home, profile: str) -> Leaf:
    """The credentials that go into the user's kubeconfig."""
    return Leaf(path=home.profile(profile) / "client", cn="minikube-user", organizations=("system:masters",))


def cert_of(path: Path) -> Path:
    return path.with_name(path.name + ".crt")


def key_of(path: Path) -> Path:
    return path.with_name(path.name + ".key")


def is_current(leaf: Leaf, authority_fingerprint: str) -> bool:
    """Whether the files are there and were made for the same names by the same authority."""
    mark = leaf.path.with_name(f".{leaf.path.name}.for")
    present = cert_of(leaf.path).is_file() and key_of(leaf.path).is_file()
    return present and mark.is_file() and mark.read_text() == leaf.fingerprint() + authority_fingerprint


def store(path: Path, pair: "KeyPair") -> None:
    """Writes PATH.key, for root only, and PATH.crt."""
    write(key_of(path), pair.key_pem, 0o600)
    write(cert_of(path), pair.cert_pem)


def authority(path: Path, cn: str) -> "KeyPair":
    """The authority whose files have this path, made if it is not there."""
    from kajitori.machinery.certificates import KeyPair, new_ca

    if cert_of(path).is_file() and key_of(path).is_file():
        return KeyPair(cert_pem=cert_of(path).read_bytes(), key_pem=key_of(path).read_bytes())
    pair = new_ca(cn, days=CA_DAYS)
    store(path, pair)
    return pair


def issue_all(leaves: Sequence[Leaf], authorities: "dict[str, KeyPair]") -> None:
    """Make what is missing or says something else."""
    from kajitori.machinery.certificates import issue

    for leaf in leaves:
        ca = authorities[leaf.authority]
        signer = hashlib.sha256(ca.cert_pem).hexdigest()
        if is_current(leaf, signer):
            continue
        pair = issue(ca, leaf.cn, organizations=leaf.organizations, sans=leaf.sans, usages=leaf.usages, days=LEAF_DAYS)
        store(leaf.path, pair)
        write(leaf.path.with_name(f".{leaf.path.name}.for"), leaf.fingerprint() + signer)


def service_account_keys(pki: Path) -> None:
    """The keys that sign and check service-account tokens: RSA, for RS256 is what every OIDC relying party knows."""
    if (pki / "sa.key").is_file() and (pki / "sa.pub").is_file():
        return
    from kajitori.machinery.certificates import new_key_pair

    private, public = new_key_pair("rsa")
    write(pki / "sa.key", private, 0o600)
    write(pki / "sa.pub", public)


def write_all(home: Home, profile: Profile, node: Node, gateway: str) -> None:
    """Everything a node and its users need to know each other."""
    machine = home.machine(node.name)
    ca = authority(home.root / "ca", "minikubeCA")
    authorities = {"ca": ca}
    write(machine.pki / "ca.crt", ca.cert_pem)
    if node.control_plane:
        write(machine.pki / "ca.key", ca.key_pem, 0o600)
        authorities["front-proxy-ca"] = authority(machine.pki / "front-proxy-ca", "front-proxy-ca")
        service_account_keys(machine.pki)
    issue_all(node_leaves(machine, profile, node, gateway), authorities)
    issue_all([client_leaf(home, profile.name)], authorities)
