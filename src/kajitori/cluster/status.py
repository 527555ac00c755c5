"""What state a cluster is in, as `minikube status` tells it. May import: client, machinery, cluster's own modules."""

import asyncio
from dataclasses import dataclass

from kajitori.cluster import access, create, userconfig
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Node, Profile
from kajitori.cluster.sandbox import runc
from kajitori.machinery.errors import StatusError

HOST_DOWN, CLUSTER_DOWN, KUBERNETES_DOWN = 1, 2, 4
"""Bits of the exit code."""


@dataclass(frozen=True, kw_only=True)
class NodeStatus:
    """One node; words are minikube's."""

    name: str
    host: str
    kubelet: str
    apiserver: str
    kubeconfig: str
    worker: bool

    def exit_code(self) -> int:
        """The sum of what is down, as minikube's status has it; 0 when all is well."""
        code = 0 if self.host == "Running" else HOST_DOWN
        code |= 0 if self.kubelet == "Running" else CLUSTER_DOWN
        healthy = self.worker or (self.apiserver == "Running" and self.kubeconfig in ("Configured", "Irrelevant"))
        return code | (0 if healthy else KUBERNETES_DOWN)


def kubelet_runs(pid: int) -> bool:
    """Whether one of the node's services is the kubelet: its first process's children are asked."""
    from pathlib import Path

    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        lines = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    except OSError:
        return False
    return any(b"\0kubelet\0" in line for line in lines)


def api_answers(home: Home, cluster: Profile) -> bool:
    """Whether /readyz is well, asked once; blocks for three seconds at most."""
    from kajitori.client.raw import RawClient

    async def ask() -> bool:
        client = RawClient(access.rest_config(home, cluster))
        try:
            await client.raw("GET", "/readyz", timeout_s=3.0)
            return True
        except (OSError, StatusError, TimeoutError):
            return False
        finally:
            await client.close()

    return asyncio.run(ask())


def of_node(home: Home, cluster: Profile, node: Node) -> NodeStatus:
    """Look at one node."""
    from kajitori.cluster import machine

    pid = runc.first_pid(machine.container_name(home.tag(cluster.name), node))
    worker = not node.control_plane
    if pid is None:
        down = "Irrelevant" if worker else "Stopped"
        return NodeStatus(
            name=node.name, host="Stopped", kubelet="Stopped", apiserver=down, kubeconfig=down, worker=worker
        )
    if worker:
        apiserver = kubeconfig = "Irrelevant"
    else:
        apiserver = "Running" if api_answers(home, cluster) else "Stopped"
        kubeconfig = "Configured" if userconfig.is_configured(cluster) else "Misconfigured"
    kubelet = "Running" if kubelet_runs(pid) else "Stopped"
    return NodeStatus(
        name=node.name, host="Running", kubelet=kubelet, apiserver=apiserver, kubeconfig=kubeconfig, worker=worker
    )


def of_cluster(home: Home, cluster: Profile) -> list[NodeStatus]:
    return [of_node(home, cluster, node) for node in cluster.nodes]


def is_up(home: Home, cluster: Profile) -> bool:
    return all(create.is_running(home, cluster, node) for node in cluster.nodes)
