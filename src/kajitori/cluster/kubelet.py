"""The node agent's configuration and command line, and the pod network's files. May import: cni, cluster's own."""

import ipaddress
import shlex
from types import SimpleNamespace
from typing import Any

from kajitori.cluster import program
from kajitori.cluster.machine import write
from kajitori.cluster.paths import Machine
from kajitori.cluster.profile import Node, Profile
from kajitori.cni import plan

CRI_SOCKET = "unix:///run/containerd/cri.sock"
"""Appears when containerd answers and the system images are in it (see sandbox.entry)."""


def configuration(profile: Profile) -> dict[str, Any]:
    """KubeletConfiguration as minikube has kubeadm write it."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"cacheTTL": "0s", "enabled": True},
            "x509": {"clientCAFile": "/etc/kubernetes/pki/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "clusterDNS": [str(ipaddress.ip_network(profile.service_cidr)[10])],
        "clusterDomain": profile.dns_domain,
        "containerRuntimeEndpoint": CRI_SOCKET,
        "evictionHard": {"imagefs.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%"},
        "failSwapOn": False,
        "hairpinMode": "hairpin-veth",
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": 10248,
        "imageGCHighThresholdPercent": 100,
        "resolvConf": "/etc/resolv.conf",
        "rotateCertificates": True,
        "staticPodPath": "/etc/kubernetes/manifests",
        "tlsCertFile": "/var/lib/kubelet/pki/kubelet.crt",
        "tlsPrivateKeyFile": "/var/lib/kubelet/pki/kubelet.key",
    }


def script(node: Node) -> str:
    """What the node's first process runs, again and again."""
    argv = [program.interpreter(), "-m", "kajitori", "kubelet"]
    argv += [
        "--config=/var/lib/kubelet/config.yaml",
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        f"--hostname-override={node.name}",
        f"--node-ip={node.ip}",
    ]
    return f"#!/bin/sh\nexport MALLOC_ARENA_MAX=2 PYTHONUNBUFFERED=1\nexec {shlex.join(argv)}\n"


def pod_range(profile: Profile, node: Node) -> str:
    """The node's /24 of the cluster's pod range."""
    subnets = ipaddress.ip_network(profile.pod_cidr).subnets(new_prefix=24)
    return str(next(subnet for index, subnet in enumerate(subnets) if index == node.index))


def pod_network(profile: Profile, node: Node) -> dict[str, str]:
    """File under /etc → text: the pod network before anything runs that could follow the cluster's nodes.

    `kajitori cni` writes the same where there are several nodes.
    """
    own = SimpleNamespace(
        metadata=SimpleNamespace(name=node.name),
        spec=SimpleNamespace(pod_cidrs=[pod_range(profile, node)], pod_cidr=pod_range(profile, node)),
        status=SimpleNamespace(addresses=[]),
    )
    options = plan.Options(cluster_cidrs=(profile.pod_cidr,))
    routes = [" ".join(route.argv("replace")[2:]) for route in sorted(plan.routes([own], node.name, options))]
    return {
        f"cni/net.d/{plan.FILE_NAME}": plan.conflist(plan.pod_cidrs(own), options),
        "kajitori/pod-network.rules": plan.masquerade([own], node.name, options, 4, has_hook=False),
        "kajitori/pod-network.routes": "".join(f"{route}\n" for route in routes),
    }


def write_all(machine: Machine, profile: Profile, node: Node) -> None:
    """The kubelet's files and the pod network's."""
    import yaml

    write(machine.var / "lib/kubelet/config.yaml", yaml.safe_dump(configuration(profile), sort_keys=False))
    write(machine.etc / "kajitori/kubelet", script(node), 0o755)
    for name, text in pod_network(profile, node).items():
        write(machine.etc / name, text)
