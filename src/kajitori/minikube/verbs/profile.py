"""`minikube profile [NAME|list]`: the clusters there are, and which one commands mean."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from kajitori.aiokit.pflag import flag
from kajitori.client.kubeconfig import KubeConfig
from kajitori.cluster import profile, status
from kajitori.cluster.profile import Profile
from kajitori.minikube import output
from kajitori.minikube.context import DEFAULT_PROFILE, Context, save_settings, settings
from kajitori.minikube.flags import GlobalOptions, read

HEADERS = ("PROFILE", "DRIVER", "RUNTIME", "IP", "VERSION", "STATUS", "NODES", "ACTIVE PROFILE", "ACTIVE KUBECONTEXT")


@dataclass(frozen=True, kw_only=True)
class ProfileOptions(GlobalOptions):
    output: str = flag("table", "table or json", short="o")
    light: bool = flag(False, "Ask no node for its state", short="l", hidden=True)


def run(argv: Sequence[str]) -> int:
    args = read(ProfileOptions, argv, "profile", usage="[NAME|list] [flags]", max_args=1)
    asked = args.args[0] if args.args else ""
    context = Context.of(args.profile)
    if asked == "list":
        return show(context, args.output)
    if not asked:
        print(context.name)
        return 0
    chosen = DEFAULT_PROFILE if asked == "default" else asked
    profile.load(context.home, chosen)
    save_settings(context.home, {**settings(context.home), "profile": chosen})
    output.step("ready", f"minikube profile was successfully set to {chosen}")
    return 0


def state_of(context: Context, cluster: Profile) -> str:
    """Only root can look into a node; for others it is Unknown."""
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
    """What `profile list -o json` says of a cluster; `current` is kubeconfig's current context."""
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
