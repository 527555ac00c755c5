"""`minikube profile [NAME|list]`: the clusters there are, and which one commands mean."""

import os
from collections.abc import Sequence
from typing import Any

import orjson

from kajitori.client.kubeconfig import KubeConfig
from kajitori.cluster import profile, status
from kajitori.cluster.profile import Profile
from kajitori.minikube import output
from kajitori.minikube.context import DEFAULT_PROFILE, Context, Parser, flag, save_settings, settings

HEADERS = ("PROFILE", "DRIVER", "RUNTIME", "IP", "VERSION", "STATUS", "NODES", "ACTIVE PROFILE", "ACTIVE KUBECONTEXT")


def run(argv: Sequence[str]) -> int:
    parser = Parser("profile", "Get or list the current profiles (clusters)")
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("-o", "--output", default="table")
    flag(parser, "--light", "-l")
    args = parser.parse_args(argv)
    context = Context.of(args.profile)
    if args.name == "list":
        return show(context, args.output)
    if not args.name:
        print(context.name)
        return 0
    chosen = DEFAULT_PROFILE if args.name == "default" else args.name
    profile.load(context.home, chosen)
    save_settings(context.home, {**settings(context.home), "profile": chosen})
    output.step("ready", f"minikube profile was successfully set to {chosen}")
    return 0


def state_of(context: Context, cluster: Profile) -> str:
    if os.geteuid() != 0:
        return "Unknown"
    return "OK" if status.is_up(context.home, cluster) else "Stopped"


def show(context: Context, form: str) -> int:
    clusters, broken = profile.readable(context.home)
    current = KubeConfig.read().current_context
    if form == "json":
        valid = [wire(context, cluster, current) for cluster in clusters]
        invalid = [{"Name": name, "Status": "Unknown", "Active": name == context.name} for name in broken]
        print(orjson.dumps({"invalid": invalid, "valid": valid}).decode())
        return 0
    if broken:
        output.warn(f"Found {len(broken)} invalid profile(s) !")
        for name in broken:
            output.error_step("bullet", name)
        output.error_step("tip", "You can delete them using the following command(s):")
        for name in broken:
            output.error_step("bullet", f"$ minikube delete -p {name}")
    if not clusters:
        output.fail(
            "MK_USAGE_NO_PROFILE", "No minikube profile was found. ", "You can create one using 'minikube start'."
        )
        return 14
    rows = [
        (
            cluster.name,
            cluster.driver,
            cluster.container_runtime,
            cluster.primary.ip,
            cluster.kubernetes_version,
            state_of(context, cluster),
            str(len(cluster.nodes)),
            "*" if cluster.name == context.name else "",
            "*" if cluster.name == current else "",
        )
        for cluster in clusters
    ]
    print(output.table(HEADERS, rows))
    return 0


def wire(context: Context, cluster: Profile, current: str) -> dict[str, Any]:
    return {
        "Name": cluster.name,
        "Status": state_of(context, cluster),
        "Active": cluster.name == context.name,
        "ActiveKubeContext": cluster.name == current,
        "Config": {
            "Name": cluster.name,
            "Driver": cluster.driver,
            "KubernetesConfig": {
                "KubernetesVersion": cluster.kubernetes_version,
                "ContainerRuntime": cluster.container_runtime,
            },
            "Nodes": [
                {"Name": node.name, "IP": node.ip, "ControlPlane": node.control_plane, "Worker": node.worker}
                for node in cluster.nodes
            ],
        },
    }
