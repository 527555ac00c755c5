"""What `minikube start` may be asked for, and whether it makes sense: checked before anything is touched.

May import: aiokit.pflag, cluster, minikube.flags.
"""

import ipaddress
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from kajitori import KUBERNETES_VERSION
from kajitori.aiokit.pflag import Duration, flag
from kajitori.cluster.failures import NODES_UNSUPPORTED, UNSUPPORTED_DRIVER, USAGE, VERSION_UNSUPPORTED, ClusterFailure
from kajitori.minikube.flags import GlobalOptions, read

DRIVERS: Final = ("runc",)
UNITS: Final = {"": 1, "m": 1, "mb": 1, "mi": 1, "mib": 1, "g": 1024, "gb": 1024, "gi": 1024, "gib": 1024}
MAX_PORT: Final = 65535
SMALLEST_SUBNET: Final = 28
COMPONENTS: Final = (
    *("apiserver", "system_pods", "default_sa", "apps_running", "node_ready", "kubelet", "extra"),
    *("all", "none", "true", "false"),
)
"""What --wait may name. Whatever is named, the node's readiness is awaited, which stands for all of them."""


@dataclass(frozen=True, kw_only=True)
class StartFlags(GlobalOptions):
    """Hidden ones are accepted as upstream's scripts write them; they change nothing."""

    nodes: int = flag(1, "The total number of nodes to spin up", short="n")
    memory: str = flag("", "Amount of RAM of the node (format: <number>[<unit>], g or m)")
    cpus: str = flag("", "Number of CPUs of the node")
    driver: str = flag("", f"One of: {', '.join(DRIVERS)}")
    vm_driver: str = flag("", "The same as --driver", hidden=True)
    kubernetes_version: str = flag("", f"The Kubernetes version: {KUBERNETES_VERSION}")
    container_runtime: str = flag("", "containerd", short="c")
    wait: tuple[str, ...] = flag(("apiserver", "system_pods"), "Components to wait for", no_value="all")
    wait_timeout: Duration = flag(Duration(360), "How long to wait for them")
    registry_mirror: tuple[str, ...] = flag((), "Where to ask first for every image")
    service_cluster_ip_range: str = flag("", "The CIDR of service cluster IPs")
    apiserver_port: int = flag(0, "The API server's port")
    subnet: str = flag("", "The network of the nodes")
    addons: tuple[str, ...] = flag((), "Addons to enable")
    isolated: bool = flag(False, "No way out of the node: images come from --registry-mirror only")
    keep_context: bool = flag(False, "Leave kubectl's current context as it is")
    force: bool = flag(False, "Go on where checks would stop")
    delete_on_failure: bool = flag(False, "Delete a cluster that does not start")
    install_addons: bool = flag(True, "Install the default addons")
    cni: str = flag("", "", hidden=True)
    base_image: str = flag("", "", hidden=True)
    interactive: bool = flag(True, "", hidden=True)
    preload: bool = flag(True, "", hidden=True)


def read_flags(argv: Sequence[str]) -> StartFlags:
    """Raises ClusterFailure where a flag is unknown or no value of its type; HelpRequested."""
    made = read(StartFlags, argv, "start")
    return replace(made, driver=made.driver or made.vm_driver)


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
    """0 is no limit. Raises `ClusterFailure` for anything but a whole number, `max` and `no-limit`."""
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


def check(args: StartFlags) -> None:
    """Raises `ClusterFailure` for the first thing asked that this release cannot do."""
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


def check_network(args: StartFlags) -> None:
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
    """Raises `ClusterFailure` for no network, or one with bits set beyond its mask."""
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


def check_waiting(args: StartFlags) -> None:
    """Raises `ClusterFailure` for a component that --wait does not know."""
    unknown = [word for word in args.wait if word not in COMPONENTS]
    if unknown:
        raise ClusterFailure(
            USAGE,
            f'The value "{unknown[0]}" is invalid for --wait flag',
            f"Valid options are {','.join(COMPONENTS)}",
        )


def mirrors(args: StartFlags) -> tuple[str, ...]:
    """From the flag, else from the environment, commas between several."""
    given = args.registry_mirror or os.environ.get("KAJITORI_REGISTRY_MIRROR", "").split(",")
    return tuple(one.rstrip("/") for one in given if one)


def isolated(args: StartFlags) -> bool:
    """What the flag says if it was given, else $KAJITORI_ISOLATED."""
    if "isolated" in args.given:
        return args.isolated
    return os.environ.get("KAJITORI_ISOLATED", "") in ("1", "true")
