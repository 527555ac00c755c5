"""What `minikube start` may be asked for, and whether it makes sense: checked before anything is touched.

May import: cluster, machinery, minikube.context.
"""

import argparse
import ipaddress
import os
import platform
from typing import Final
from urllib.parse import urlsplit

from kajitori import KUBERNETES_VERSION
from kajitori.cluster.failures import NODES_UNSUPPORTED, UNSUPPORTED_DRIVER, USAGE, VERSION_UNSUPPORTED, ClusterFailure
from kajitori.machinery.times import parse_go_duration
from kajitori.minikube.context import Parser, flag

DRIVERS: Final = ("runc",)
UNITS: Final = {"": 1, "m": 1, "mb": 1, "mi": 1, "mib": 1, "g": 1024, "gb": 1024, "gi": 1024, "gib": 1024}
MAX_PORT: Final = 65535
SMALLEST_SUBNET: Final = 28
COMPONENTS: Final = (
    *("apiserver", "system_pods", "default_sa", "apps_running", "node_ready", "kubelet", "extra"),
    *("all", "none", "true", "false"),
)
"""What --wait may name. Whatever is named, the node's readiness is awaited, which stands for all of them."""


def parser() -> argparse.ArgumentParser:
    made = Parser("start", "Starts a local Kubernetes cluster")
    made.add_argument("--nodes", "-n", type=int, default=1, help="The total number of nodes to spin up")
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
    if args.nodes < 1:
        raise ClusterFailure(USAGE, f"invalid number of nodes: {args.nodes}", "Ask for at least 1 with --nodes")
    if args.nodes > 1:
        raise ClusterFailure(
            NODES_UNSUPPORTED,
            f"{args.nodes} nodes were asked for: this release builds clusters of one node",
            "Leave --nodes out",
        )
    if args.cni not in ("", "auto", "true", "kindnet"):
        raise ClusterFailure(USAGE, f'Invalid CNI: "{args.cni}". Valid: auto, kindnet', "Leave --cni out")
    check_version(args.kubernetes_version)
    check_network(args)
    check_waiting(args)


def check_network(args: argparse.Namespace) -> None:
    """Addresses, ports and URLs are what they should be, before a profile remembers them."""
    for url in mirrors(args):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ClusterFailure(
                USAGE,
                f"Sorry, the url provided with the --registry-mirror flag is invalid: {url}",
                "Write it like http://127.0.0.1:5000",
            )
    if args.service_cluster_ip_range:
        network = ipv4_network("--service-cluster-ip-range", args.service_cluster_ip_range)
        if not 12 <= network.prefixlen <= 28:
            raise ClusterFailure(
                USAGE,
                f"The value of --service-cluster-ip-range does not suit a cluster: {network}",
                "Give between 2^4 and 2^20 addresses (/28 to /12)",
            )
    if not 0 <= args.apiserver_port <= MAX_PORT:
        raise ClusterFailure(USAGE, f"--apiserver-port is not a port: {args.apiserver_port}", "Give 1 to 65535")
    subnet(args.subnet)


def ipv4_network(name: str, text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ClusterFailure(USAGE, f"Invalid value of {name}: {error}", "Write it like 10.96.0.0/12") from None


def subnet(text: str) -> str:
    """`192.168.60.0` means its /24, as minikube reads it."""
    if not text:
        return ""
    network = ipv4_network("--subnet", text if "/" in text else f"{text}/24")
    if network.prefixlen > SMALLEST_SUBNET:
        raise ClusterFailure(USAGE, f"--subnet is too small: {network}", f"Give a /{SMALLEST_SUBNET} or larger")
    return str(network)


def check_waiting(args: argparse.Namespace) -> None:
    try:
        parse_go_duration(args.wait_timeout)
    except ValueError as error:
        raise ClusterFailure(
            USAGE, f'invalid argument "{args.wait_timeout}" for "--wait-timeout" flag: {error}', "Write it like 6m0s"
        ) from None
    unknown = [word for word in args.wait.split(",") if word not in COMPONENTS]
    if unknown:
        raise ClusterFailure(
            USAGE,
            f'The value "{unknown[0]}" is invalid for --wait flag',
            f"Valid options are {','.join(COMPONENTS)}",
        )


def mirrors(args: argparse.Namespace) -> tuple[str, ...]:
    """From the flag, else from the environment, commas between several."""
    given = args.registry_mirror or [os.environ.get("KAJITORI_REGISTRY_MIRROR", "")]
    return tuple(one.rstrip("/") for text in given for one in text.split(",") if one)


def isolated(args: argparse.Namespace) -> bool:
    if args.isolated is not None:
        return bool(args.isolated)
    return os.environ.get("KAJITORI_ISOLATED", "") in ("1", "true")
