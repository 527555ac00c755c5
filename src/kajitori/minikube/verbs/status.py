"""`minikube status`: one block per node; the exit code says what is down (1 host, 2 cluster, 4 Kubernetes)."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from kajitori.aiokit.pflag import flag
from kajitori.cluster import status as state
from kajitori.cluster.failures import NEEDS_ROOT, NODE_NOT_FOUND, ClusterFailure
from kajitori.cluster.status import NodeStatus
from kajitori.minikube.context import Context
from kajitori.minikube.flags import GlobalOptions, read, usage_failure
from kajitori.minikube.layout import filled


def text(node: NodeStatus) -> str:
    if node.worker:
        return f"{node.name}\ntype: Worker\nhost: {node.host}\nkubelet: {node.kubelet}\n\n"
    return (
        f"{node.name}\ntype: Control Plane\nhost: {node.host}\nkubelet: {node.kubelet}\n"
        f"apiserver: {node.apiserver}\nkubeconfig: {node.kubeconfig}\n\n"
    )


def wire(node: NodeStatus) -> dict[str, object]:
    return {
        "Name": node.name,
        "Host": node.host,
        "Kubelet": node.kubelet,
        "APIServer": node.apiserver,
        "Kubeconfig": node.kubeconfig,
        "Worker": node.worker,
    }


@dataclass(frozen=True, kw_only=True)
class StatusOptions(GlobalOptions):
    output: str = flag("text", "text or json", short="o")
    format: str = flag("", "How to print a node's status, as a Go template: {{.Host}}", short="f")
    node: str = flag("", "The node to check", short="n")
    layout: str = flag("nodes", "", short="l", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(StatusOptions, argv, "status")
    if args.output not in ("text", "json"):
        raise usage_failure("status", f"invalid output format: {args.output}. Valid values: 'text', 'json'")
    context = Context.of(args.profile)
    cluster = context.profile()
    if os.geteuid() != 0:
        raise ClusterFailure(
            NEEDS_ROOT, "The state of a node can be read by root only", "Run the command again with sudo -E"
        )
    nodes = [node for node in state.of_cluster(context.home, cluster) if args.node in ("", node.name)]
    if not nodes:
        raise ClusterFailure(
            NODE_NOT_FOUND, f"retrieving node: node {args.node} not found", f'See "minikube node list{context.hint}"'
        )
    if args.output == "json":
        print(orjson.dumps(wire(nodes[0]) if len(nodes) == 1 else [wire(node) for node in nodes]).decode())
    elif args.format:
        sys.stdout.write("".join(filled("status", args.format, wire(node)) for node in nodes))
    else:
        sys.stdout.write("".join(map(text, nodes)))
    code = 0
    for node in nodes:
        code |= node.exit_code()
    return code
