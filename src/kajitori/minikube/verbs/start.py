"""`minikube start`: a new cluster, or the one of this profile brought up again. Running it twice is harmless."""

import argparse
import asyncio
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kajitori import KUBERNETES_VERSION
from kajitori.cluster import create, preflight, profile, status
from kajitori.cluster.failures import NODES_UNSUPPORTED, UNSUPPORTED_DRIVER, USAGE, VERSION_UNSUPPORTED, ClusterFailure
from kajitori.cluster.profile import Node, Profile
from kajitori.minikube import MINIKUBE_VERSION, output
from kajitori.minikube.context import DEFAULT_PROFILE, Context, Parser, flag, settings

DRIVERS = ("runc",)
UNITS = {"": 1, "m": 1, "mb": 1, "mi": 1, "mib": 1, "g": 1024, "gb": 1024, "gi": 1024, "gib": 1024}


def parser() -> argparse.ArgumentParser:
    made = Parser("start", "Starts a local Kubernetes cluster")
    made.add_argument("--nodes", "-n", type=int, default=0, help="The total number of nodes to spin up")
    made.add_argument("--memory", default="", help="Amount of RAM of the node (format: <number>[<unit>], g or m)")
    made.add_argument("--cpus", default="", help="Number of CPUs of the node")
    made.add_argument("--driver", "--vm-driver", default="", help=f"One of: {', '.join(DRIVERS)}")
    made.add_argument("--kubernetes-version", default="", help=f"The Kubernetes version: {KUBERNETES_VERSION}")
    made.add_argument("--container-runtime", "-c", default="", help="containerd")
    made.add_argument("--wait", default="apiserver,system_pods", nargs="?", const="all", help="Components to wait for")
    made.add_argument("--wait-timeout", default="6m0s", help="How long to wait for them")
    made.add_argument("--registry-mirror", action="append", default=[], help="Where to ask first for every image")
    made.add_argument("--service-cluster-ip-range", default="", help="The CIDR of service cluster IPs")
    made.add_argument("--apiserver-port", type=int, default=0, help="The API server's port")
    made.add_argument("--subnet", default="", help="The network of the nodes")
    made.add_argument("--addons", action="append", default=[], help="Addons to enable")
    made.add_argument("--cni", default="", help=argparse.SUPPRESS)
    made.add_argument("--base-image", default="", help=argparse.SUPPRESS)
    flag(made, "--isolated", default=None, about="No way out of the node: images come from --registry-mirror only")
    flag(made, "--keep-context", about="Leave kubectl's current context as it is")
    flag(made, "--force", about="Go on where checks would stop")
    flag(made, "--delete-on-failure", about="Delete a cluster that does not start")
    flag(made, "--install-addons", default=True, about="Install the default addons")
    flag(made, "--interactive", default=True)
    flag(made, "--preload", default=True)
    return made


def memory_mb(text: str) -> int:
    """`4096`, `4g`, `2048mb`; `max` and `no-limit` mean no limit."""
    if text in ("", "max", "no-limit"):
        return 0
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = UNITS.get(text[len(number) :].lower())
    if unit is None or not number.isdigit():
        raise ClusterFailure(USAGE, f"Unable to parse memory '{text}'", "Write it like 2048, 2048mb or 2g")
    return int(number) * unit


def cpu_count(text: str) -> int:
    if text in ("", "max", "no-limit"):
        return 0
    if not text.isdigit() or int(text) < 1:
        raise ClusterFailure(USAGE, f"Unable to parse cpus '{text}'", "Write a whole number, or max")
    return int(text)


def check_version(text: str) -> None:
    """We are one version of Kubernetes; its minor version's names are all accepted."""
    asked = text.removeprefix("v")
    own = KUBERNETES_VERSION.removeprefix("v")
    if asked in ("", "stable", "latest", own, own.rpartition(".")[0]):
        return
    raise ClusterFailure(
        VERSION_UNSUPPORTED,
        f"Kubernetes {text} is not supported by this release: it is Kubernetes {KUBERNETES_VERSION}",
        f"Leave --kubernetes-version out, or give {KUBERNETES_VERSION}",
    )


def check(args: argparse.Namespace) -> None:
    if args.driver not in ("", *DRIVERS):
        raise ClusterFailure(
            UNSUPPORTED_DRIVER,
            f"The driver '{args.driver}' is not supported on {platform.system().lower()}/{platform.machine()}",
            f"Try one of: {', '.join(DRIVERS)}",
        )
    if args.container_runtime not in ("", "containerd"):
        raise ClusterFailure(
            USAGE, f'Invalid Container Runtime: "{args.container_runtime}". Valid runtimes: [containerd]', ""
        )
    if args.nodes < 0:
        raise ClusterFailure(USAGE, "--nodes must be at least 1", "")
    if args.nodes > 1:
        raise ClusterFailure(
            NODES_UNSUPPORTED,
            f"{args.nodes} nodes were asked for: this release builds clusters of one node",
            "Leave --nodes out",
        )
    check_version(args.kubernetes_version)


def mirrors(args: argparse.Namespace) -> tuple[str, ...]:
    """From the flag, else from the environment, commas between several."""
    given = args.registry_mirror or [os.environ.get("KAJITORI_REGISTRY_MIRROR", "")]
    return tuple(one.rstrip("/") for text in given for one in text.split(",") if one)


def isolated(args: argparse.Namespace) -> bool:
    if args.isolated is not None:
        return bool(args.isolated)
    return os.environ.get("KAJITORI_ISOLATED", "") in ("1", "true")


def new_profile(name: str, args: argparse.Namespace, now: datetime) -> Profile:
    return Profile(
        name=name,
        memory_mb=memory_mb(args.memory),
        cpus=cpu_count(args.cpus),
        service_cidr=args.service_cluster_ip_range or "10.96.0.0/12",
        apiserver_port=args.apiserver_port or 8443,
        subnet="",
        isolated=isolated(args),
        registry_mirrors=mirrors(args),
        nodes=(Node(name=name),),
        created=now.isoformat(),
    )


def renewed(known: Profile, args: argparse.Namespace) -> Profile:
    """An existing profile with what this start says differently, as far as that may change."""
    changes: dict[str, object] = {}
    if args.memory:
        changes["memory_mb"] = memory_mb(args.memory)
    if args.cpus:
        changes["cpus"] = cpu_count(args.cpus)
    if mirrors(args):
        changes["registry_mirrors"] = mirrors(args)
    if args.isolated is not None:
        changes["isolated"] = isolated(args)
    return replace(known, **changes)  # type: ignore[arg-type]


def system_name() -> str:
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return f"{facts.get('NAME', 'Linux').split()[0]} {facts.get('VERSION_ID', '')}".strip()


def containerd_version() -> str:
    try:
        out = subprocess.run(["containerd", "--version"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return ""
    return out[2].partition("~")[0].removeprefix("v") if len(out) > 2 else ""


def run(argv: Sequence[str]) -> int:
    args = parser().parse_args(argv)
    context = Context.of(args.profile)
    prefix = "" if context.name == DEFAULT_PROFILE else f"[{context.name}] "
    output.step("happy", f"{prefix}minikube {MINIKUBE_VERSION} on {system_name()}")
    defaults = settings(context.home)
    for name in ("memory", "cpus", "driver"):
        setattr(args, name, getattr(args, name) or defaults.get(name, ""))
    check(args)
    preflight.require_root()
    preflight.require_tools()
    is_new = context.name not in profile.names(context.home)
    if is_new:
        cluster = new_profile(context.name, args, datetime.now(UTC))
        how = (
            "Using the runc driver based on user configuration"
            if args.driver
            else "Automatically selected the runc driver"
        )
    else:
        cluster = renewed(context.profile(), args)
        how = "Using the runc driver based on existing profile"
    output.step("sparkle", how)
    output.step(
        "thumbs-up", f'Starting "{cluster.primary.name}" primary control-plane node in "{cluster.name}" cluster'
    )
    started = asyncio.run(create.start(context.home, cluster, options(args), Narrator(context, cluster, is_new).tell))
    finish(started)
    return 0


def options(args: argparse.Namespace) -> create.StartOptions:
    from kajitori.machinery.times import parse_go_duration

    return create.StartOptions(
        wait=args.wait not in ("none", "false"),
        wait_timeout_s=parse_go_duration(args.wait_timeout),
        keep_context=args.keep_context,
    )


class Narrator:
    """Tells a start's steps in minikube's words."""

    def __init__(self, context: Context, cluster: Profile, is_new: bool) -> None:
        self.context, self.cluster, self.is_new = context, cluster, is_new
        self.was_up = not is_new and status.is_up(context.home, cluster)

    def tell(self, step: str) -> None:
        name = self.cluster.name
        if step == "create" and self.was_up:
            output.step("running", f'Updating the running runc "{name}" container ...')
        elif step == "create" and not self.is_new:
            output.step("restart", f'Restarting existing runc container for "{name}" ...')
        elif step == "create":
            output.step("start-up", f"Creating runc container ({self.size()}) ...")
        elif step == "prepare":
            output.step(
                "package", f"Preparing Kubernetes {KUBERNETES_VERSION} on containerd {containerd_version()} ..."
            )
        elif step == "verify":
            output.step("verify", "Verifying Kubernetes components...")

    def size(self) -> str:
        cpus = self.cluster.cpus or "no-limit"
        memory = f"{self.cluster.memory_mb}MB" if self.cluster.memory_mb else "no-limit"
        return f"CPUs={cpus}, Memory={memory}"


def finish(cluster: Profile) -> None:
    on = [name for name in ("storage-provisioner", "default-storageclass") if dict(cluster.addons).get(name)]
    if "storage-provisioner" in on:
        output.bullet("Using image gcr.io/k8s-minikube/storage-provisioner:v5")
    if on:
        output.step("addon", f"Enabled addons: {', '.join(on)}")
    output.step(
        "ready", f'Done! kubectl is now configured to use "{cluster.name}" cluster and "default" namespace by default'
    )
