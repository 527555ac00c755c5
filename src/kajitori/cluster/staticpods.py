"""Writing the static pods' files, and the proxy's configuration that one of them reads. May import: cluster."""

from typing import Any

from kajitori.cluster import systempods
from kajitori.cluster.machine import write
from kajitori.cluster.paths import Machine
from kajitori.cluster.profile import Node, Profile


def proxy_configuration(profile: Profile, node: Node) -> dict[str, Any]:
    """KubeProxyConfiguration as kubeadm writes it into the ConfigMap `kube-proxy`."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "bindAddress": "0.0.0.0",
        "clientConnection": {"kubeconfig": "/etc/kubernetes/kube-proxy/kubeconfig.conf"},
        "clusterCIDR": profile.pod_cidr,
        "conntrack": {"maxPerCore": 0, "tcpCloseWaitTimeout": "0s", "tcpEstablishedTimeout": "0s"},
        "hostnameOverride": node.name,
        "metricsBindAddress": "0.0.0.0:10249",
        "mode": "iptables",
    }


def write_all(machine: Machine, profile: Profile, node: Node) -> None:
    """The manifests that the kubelet starts before it knows an API server; others that we wrote earlier go away."""
    import yaml

    write(
        machine.kubernetes / "kube-proxy/config.conf",
        yaml.safe_dump(proxy_configuration(profile, node), sort_keys=False),
    )
    pods = systempods.static_pods(profile, node)
    machine.manifests.mkdir(parents=True, exist_ok=True)
    for name, pod in pods.items():
        write(machine.manifests / name, yaml.safe_dump(pod, sort_keys=False), 0o600)
