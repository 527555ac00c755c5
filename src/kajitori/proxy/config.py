"""KubeProxyConfiguration (a file) and kube-proxy's flags → one frozen `Config`. A file wins over flags, as upstream.

May import: aiokit.{flags, logs}, proxy.ruleset; yaml only when there is a file.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.aiokit.flags import Flags, Options, UsageError
from kajitori.aiokit.govalues import parse_duration
from kajitori.aiokit.logs import get_logger
from kajitori.machinery import yamlerrors
from kajitori.proxy.ruleset import Options as RuleOptions
from kajitori.proxy.services import Family, is_family

log = get_logger(__name__)
_FIELDS = frozenset(
    (
        *("apiVersion", "kind", "featureGates", "clientConnection", "logging", "hostnameOverride", "bindAddress"),
        *("healthzBindAddress", "metricsBindAddress", "bindAddressHardFail", "enableProfiling", "mode", "iptables"),
        *("showHiddenMetricsForVersion", "ipvs", "nftables", "winkernel", "detectLocalMode", "detectLocal"),
        *("clusterCIDR", "nodePortAddresses", "oomScoreAdj", "conntrack", "configSyncPeriod", "portRange"),
        *("windowsRunAsService", "udpIdleTimeout"),
    )
)
"""Of kubeproxy.config.k8s.io/v1alpha1 in v1.34. A file with others works and is warned of, as with upstream."""
MODES = ("", "iptables", "nftables")
DEFAULT_MIN_SYNC_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a proxy process is told from outside."""

    kubeconfig: str = ""
    server: str = ""
    node_name: str = ""
    mode: str = "iptables"
    cluster_cidrs: tuple[str, ...] = ()
    masquerade_all: bool = False
    masquerade_bit: int = 14
    localhost_node_ports: bool = True
    node_port_addresses: tuple[str, ...] = ()
    conntrack_tcp_be_liberal: bool = False
    min_sync_s: float = DEFAULT_MIN_SYNC_S
    sync_period_s: float = 30.0
    healthz_address: str = "0.0.0.0:10256"
    metrics_address: str = "127.0.0.1:10249"
    is_cleanup: bool = False

    def rule_options(self, family: Family) -> RuleOptions:
        """The options for one family's rules; the first cluster range of that family counts."""
        cidr = next((c for c in self.cluster_cidrs if is_family(c, family)), "")
        return RuleOptions(
            family=family,
            cluster_cidr=cidr,
            masquerade_all=self.masquerade_all,
            masquerade_mark=1 << self.masquerade_bit,
            localhost_node_ports=self.localhost_node_ports,
            node_port_addresses=self.node_port_addresses,
            conntrack_tcp_be_liberal=self.conntrack_tcp_be_liberal,
        )


def flags() -> Flags:
    """The command line of kube-proxy."""
    f = Flags("kajitori proxy", "The service proxy: makes Services reachable on this node (kube-proxy's part).")
    f.string("config", "", "The path to the configuration file.")
    f.string("kubeconfig", "", "Path to kubeconfig file with authorization information.")
    f.string("master", "", "The address of the Kubernetes API server (overrides any value in kubeconfig)")
    f.string(
        "hostname-override", "", "If non-empty, will be used as the name of the Node that kube-proxy is running on."
    )
    f.string("cluster-cidr", "", "The CIDR range of the pods in the cluster.")
    f.string("proxy-mode", "", "Which proxy mode to use: 'iptables' (default) or 'nftables'.")
    f.string("healthz-bind-address", "0.0.0.0:10256", "The IP address and port for the health check server.")
    f.integer("healthz-port", 10256, "The bind port for the health check server; 0 disables it.")
    f.string("metrics-bind-address", "127.0.0.1:10249", "The IP address and port for the metrics server.")
    f.boolean("cleanup", False, "If true cleanup iptables rules and exit.")
    f.boolean("masquerade-all", False, "SNAT all traffic sent via Service cluster IPs.")
    f.integer("iptables-masquerade-bit", 14, "The bit of the fwmark space to mark packets requiring SNAT with.")
    f.duration("iptables-min-sync-period", DEFAULT_MIN_SYNC_S, "The minimum period between iptables rule resyncs.")
    f.duration("iptables-sync-period", 30.0, "How often to look whether the rules still stand.")
    f.boolean("iptables-localhost-nodeports", True, "Whether NodePorts answer on 127.0.0.1.")
    f.strings("nodeport-addresses", (), "CIDR ranges of node addresses on which NodePorts answer.")
    f.strings("feature-gates", (), "A set of key=value pairs; accepted and ignored.")
    return f


def from_flags(options: Options, *, hostname: str) -> Config:
    """What the flags say, with the configuration file's words over them."""
    healthz = options["healthz-bind-address"]
    if options.given("healthz-port"):
        healthz = f"{healthz.rpartition(':')[0]}:{options['healthz-port']}" if options["healthz-port"] else ""
    values: dict[str, Any] = {
        "kubeconfig": options["kubeconfig"],
        "server": options["master"],
        "node_name": options["hostname-override"] or os.environ.get("NODE_NAME", "") or hostname,
        "mode": options["proxy-mode"],
        "cluster_cidrs": tuple(options["cluster-cidr"].replace(" ", "").split(",")) if options["cluster-cidr"] else (),
        "masquerade_all": options["masquerade-all"],
        "masquerade_bit": options["iptables-masquerade-bit"],
        "localhost_node_ports": options["iptables-localhost-nodeports"],
        "node_port_addresses": tuple(options["nodeport-addresses"]),
        "min_sync_s": options["iptables-min-sync-period"],
        "sync_period_s": options["iptables-sync-period"] or 30.0,
        "healthz_address": healthz,
        "metrics_address": options["metrics-bind-address"],
        "is_cleanup": options["cleanup"],
    }
    if options["config"]:
        values |= from_file(_read(options["config"]))
        if options["hostname-override"]:
            values["node_name"] = options["hostname-override"]
    return _checked(Config(**values))


def _read(path: str) -> Mapping[str, Any]:
    import yaml

    try:
        with Path(path).open(encoding="utf-8") as file:
            document = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read the configuration {path}: {yamlerrors.words(error)}") from error
    if not isinstance(document, dict) or document.get("kind") != "KubeProxyConfiguration":
        raise UsageError(f'{path} is not a "KubeProxyConfiguration"')
    if strangers := sorted(str(name) for name in document.keys() - _FIELDS):
        log.warning("using lenient decoding as strict decoding failed", path=path, unknown=", ".join(strangers))
    return document


def from_file(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a KubeProxyConfiguration that were set, under `Config`'s names."""
    values: dict[str, Any] = {}
    mode = document.get("mode") or "iptables"
    rules = document.get("nftables" if mode == "nftables" else "iptables") or {}
    connection = document.get("clientConnection") or {}
    conntrack = document.get("conntrack") or {}
    direct = {
        "mode": document.get("mode"),
        "kubeconfig": connection.get("kubeconfig"),
        "node_name": document.get("hostnameOverride"),
        "healthz_address": document.get("healthzBindAddress"),
        "metrics_address": document.get("metricsBindAddress"),
        "masquerade_all": rules.get("masqueradeAll"),
        "masquerade_bit": rules.get("masqueradeBit"),
        "localhost_node_ports": rules.get("localhostNodePorts"),
        "conntrack_tcp_be_liberal": conntrack.get("tcpBeLiberal"),
    }
    values |= {name: value for name, value in direct.items() if value not in (None, "")}
    if document.get("clusterCIDR"):
        values["cluster_cidrs"] = tuple(str(document["clusterCIDR"]).replace(" ", "").split(","))
    if document.get("nodePortAddresses"):
        values["node_port_addresses"] = tuple(document["nodePortAddresses"])
    for field, name in (("minSyncPeriod", "min_sync_s"), ("syncPeriod", "sync_period_s")):
        seconds = parse_duration(str(rules.get(field) or "0"))
        if seconds:  # 0s is how kubeadm writes "the default"
            values[name] = seconds
    return values


def _checked(config: Config) -> Config:
    if config.mode not in MODES:
        raise UsageError(f'unknown proxy mode "{config.mode}", supported: iptables, nftables')
    for cidr in config.cluster_cidrs:
        try:
            ipaddress.ip_network(cidr, strict=False)
        except ValueError as error:
            raise UsageError(f"invalid cluster CIDR: {error}") from error
    if not 0 <= config.masquerade_bit <= 31:
        raise UsageError("the masquerade bit must be within 0..31")
    return config


def split_address(address: str, default_port: int) -> tuple[str, int]:
    """``host:port`` or ``host`` → both."""
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        return address.strip("[]"), default_port
    return host.strip("[]"), int(port)
