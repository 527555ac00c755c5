"""The kubeconfig files of a node's own components, written as kubeadm writes them. May import: cluster's own modules.

Kubelet and proxy name their credentials by path; what a person may copy elsewhere (admin.conf) holds them inline.
"""

import base64
from pathlib import Path

from kajitori.cluster.machine import write
from kajitori.cluster.paths import Machine
from kajitori.cluster.pki import cert_of, key_of
from kajitori.cluster.profile import Node, Profile


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def text(*, cluster: str, server: str, user: str, authority: str, credentials: str) -> str:
    """One cluster, one user, one context."""
    return f"""apiVersion: v1
clusters:
- cluster:
    {authority}
    server: {server}
  name: {cluster}
contexts:
- context:
    cluster: {cluster}
    user: {user}
  name: {user}@{cluster}
current-context: {user}@{cluster}
kind: Config
preferences: {{}}
users:
- name: {user}
  user:
{credentials}"""


def inline(machine: Machine, *, cluster: str, server: str, user: str, pair: Path) -> str:
    """With certificates and key in it."""
    return text(
        cluster=cluster,
        server=server,
        user=user,
        authority=f"certificate-authority-data: {encoded(machine.pki / 'ca.crt')}",
        credentials=(
            f"    client-certificate-data: {encoded(cert_of(pair))}\n    client-key-data: {encoded(key_of(pair))}\n"
        ),
    )


def by_path(*, cluster: str, server: str, user: str, pair: str) -> str:
    """With the node's own paths."""
    return text(
        cluster=cluster,
        server=server,
        user=user,
        authority="certificate-authority: /etc/kubernetes/pki/ca.crt",
        credentials=f"    client-certificate: {pair}.crt\n    client-key: {pair}.key\n",
    )


def write_all(machine: Machine, profile: Profile, node: Node, control_plane_ip: str) -> None:
    """Every kubeconfig of the node."""
    cluster = "mk" if profile.name == "minikube" else profile.name
    server = f"https://{control_plane_ip}:{profile.apiserver_port}"
    kubelet = "/var/lib/kubelet/pki"
    write(
        machine.kubernetes / "kubelet.conf",
        by_path(cluster=cluster, server=server, user=f"system:node:{node.name}", pair=f"{kubelet}/kubelet-client"),
        0o600,
    )
    write(
        machine.kubernetes / "kube-proxy/kubeconfig.conf",
        by_path(cluster=cluster, server=server, user="system:kube-proxy", pair=f"{kubelet}/kube-proxy"),
        0o600,
    )
    if not node.control_plane:
        return
    for name, user in (
        ("admin", "kubernetes-admin"),
        ("super-admin", "kubernetes-super-admin"),
        ("controller-manager", "system:kube-controller-manager"),
        ("scheduler", "system:kube-scheduler"),
    ):
        conf = inline(machine, cluster=cluster, server=server, user=user, pair=machine.pki / name)
        write(machine.kubernetes / f"{name}.conf", conf, 0o600)
