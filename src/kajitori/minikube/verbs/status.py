"""`minikube status`: one block per node; the exit code says what is down (1 host, 2 cluster, 4 Kubernetes)."""

import os
import sys
from collections.abc import Sequence

import orjson

from kajitori.cluster import status as state
from kajitori.cluster.failures import NEEDS_ROOT, NODE_NOT_FOUND, PROFILE_NOT_FOUND, ClusterFailure
from kajitori.cluster.status import NodeStatus
from kajitori.minikube import output
from kajitori.minikube.context import Context, Parser


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


def run(argv: Sequence[str]) -> int:
    parser = Parser("status", "Gets the status of a local Kubernetes cluster")
    parser.add_argument("-o", "--output", default="text", help="text or json")
    parser.add_argument("-n", "--node", default="", help="The node to check")
    parser.add_argument("-l", "--layout", default="nodes")
    args = parser.parse_args(argv)
    if args.output not in ("text", "json"):
        parser.error(f"invalid output format: {args.output}. Valid values: 'text', 'json'")
    context = Context.of(args.profile)
    try:
        cluster = context.profile()
    except ClusterFailure as failure:
        if failure.reason != PROFILE_NOT_FOUND:
            raise
        output.error_step(
            "shrug", f'Profile "{context.name}" not found. Run "minikube profile list" to view all profiles.'
        )
        output.error_step("thumbs-up", f'To start a cluster, run: "minikube start{context.hint}"')
        return failure.reason.exit_code
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
    else:
        sys.stdout.write("".join(map(text, nodes)))
    code = 0
    for node in nodes:
        code |= node.exit_code()
    return code
