"""KubeletConfiguration (a file) and kubelet's flags → one frozen `Config`. A flag that is given wins over the file.

May import: aiokit.flags, machinery; of the kubelet `interfaces`, `configuration_checks`; yaml only for a file.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kajitori.aiokit.flags import Flags, Options, UsageError
from kajitori.aiokit.govalues import parse_duration
from kajitori.machinery import yamlerrors

from . import configuration_checks
from .interfaces import ServerConfig

DEFAULT_ENDPOINT = "unix:///run/containerd/containerd.sock"
Taint = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a kubelet process is told from outside."""

    node_name: str
    kubeconfig: str = ""
    bootstrap_kubeconfig: str = ""
    rotate_certificates: bool = False
    root_dir: str = "/var/lib/kubelet"
    cert_dir: str = "/var/lib/kubelet/pki"
    runtime_endpoint: str = DEFAULT_ENDPOINT
    image_endpoint: str = ""
    node_ips: tuple[str, ...] = ()
    node_labels: Mapping[str, str] = field(default_factory=dict)
    register_node: bool = True
    register_taints: tuple[Taint, ...] = ()
    register_schedulable: bool = True
    static_pod_path: str = ""
    cluster_dns: tuple[str, ...] = ()
    cluster_domain: str = ""
    resolv_conf: str = "/etc/resolv.conf"
    cgroup_root: str = "/"
    max_pods: int = 110
    pod_cidr: str = ""
    provider_id: str = ""
    seccomp_default: bool = False
    cpu_cfs_quota: bool = True
    serialize_image_pulls: bool = True
    max_parallel_image_pulls: int = 0
    eviction_hard: Mapping[str, str] = field(default_factory=dict)
    image_gc_high_percent: int = 85
    image_gc_low_percent: int = 80
    image_minimum_age_s: float = 120.0
    log_max_bytes: int = 10 * 1024 * 1024
    log_max_files: int = 5
    pod_logs_dir: str = "/var/log/pods"
    container_logs_dir: str = "/var/log/containers"
    reserved: Mapping[str, str] = field(default_factory=dict)
    max_restart_period_s: float = 300.0
    allowed_unsafe_sysctls: tuple[str, ...] = ()
    server: ServerConfig = field(default_factory=ServerConfig)


DEFAULT_EVICTION = {
    "memory.available": "100Mi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "15%",
    "imagefs.inodesFree": "5%",
}


def flags() -> Flags:
    """The command line of kubelet, as far as it matters here."""
    f = Flags("kajitori kubelet", "The node agent: runs the Pods that are assigned to this node (kubelet's part).")
    f.string("config", "", "The Kubelet will load its initial configuration from this file.")
    f.string("kubeconfig", "", "Path to a kubeconfig file, specifying how to connect to the API server.")
    f.string("bootstrap-kubeconfig", "", "Path to a kubeconfig file that will be used to get client certificate.")
    f.string("hostname-override", "", "If non-empty, will use this string as identification.")
    f.strings("node-ip", (), "IP address (or comma-separated dual-stack IP addresses) of the node.")
    f.strings("node-labels", (), "Labels to add when registering the node in the cluster: key=value pairs.")
    f.string("container-runtime-endpoint", "", "The endpoint of container runtime service (unix socket).")
    f.string("image-service-endpoint", "", "The endpoint of container image service.")
    f.boolean("register-node", True, "Register the node with the API server.")
    f.strings("register-with-taints", (), "Register the node with the given list of taints: key=value:effect.")
    f.boolean("register-schedulable", True, "Register the node as schedulable.")
    f.string("root-dir", "/var/lib/kubelet", "Directory path for managing kubelet files.")
    f.string("cert-dir", "", "The directory where the TLS certs are located.")
    f.string("pod-manifest-path", "", "Path to the directory containing static pod files to run.")
    f.strings("cluster-dns", (), "Comma-separated list of DNS server IP addresses.")
    f.string("cluster-domain", "", "Domain for this cluster.")
    f.string("resolv-conf", "/etc/resolv.conf", "Resolver configuration file used as the basis for containers.")
    f.string("cgroup-root", "/", "Root cgroup to use for pods.")
    f.string("cgroup-driver", "cgroupfs", "Driver that the kubelet uses to manipulate cgroups; only cgroupfs.")
    f.integer("max-pods", 110, "Number of Pods that can run on this Kubelet.")
    f.string("pod-cidr", "", "The CIDR to use for pod IP addresses, only used in standalone mode.")
    f.string("provider-id", "", "Unique identifier for identifying the node in a machine database.")
    f.string("address", "0.0.0.0", "The IP address for the Kubelet to serve on.")
    f.integer("port", 10250, "The port for the Kubelet to serve on.")
    f.integer("read-only-port", 0, "The read-only port for the Kubelet to serve on (0 disables it).")
    f.string("healthz-bind-address", "127.0.0.1", "The IP address for the healthz server to serve on.")
    f.integer("healthz-port", 10248, "The port of the localhost healthz endpoint (0 disables it).")
    f.string("tls-cert-file", "", "File containing x509 Certificate used for serving HTTPS.")
    f.string("tls-private-key-file", "", "File containing x509 private key matching --tls-cert-file.")
    f.string("client-ca-file", "", "Authorities whose client certificates are accepted.")
    f.boolean("anonymous-auth", True, "Enables anonymous requests to the Kubelet server.")
    f.boolean("authentication-token-webhook", False, "Use the TokenReview API to authenticate bearer tokens.")
    f.string("authorization-mode", "AlwaysAllow", "Authorization mode for Kubelet server: AlwaysAllow or Webhook.")
    f.string("pod-infra-container-image", "", "Ignored: the runtime's configuration names the image.")
    f.strings("allowed-unsafe-sysctls", (), "Unsafe sysctls or sysctl patterns (ending in *) that Pods may set.")
    f.boolean("seccomp-default", False, "Enable the use of RuntimeDefault as the default seccomp profile.")
    f.boolean("fail-swap-on", True, "Accepted and ignored.")
    f.strings("feature-gates", (), "A set of key=value pairs; accepted and ignored.")
    f.string("runtime-cgroups", "", "Accepted and ignored.")
    return f


def load_file(path: str) -> dict[str, Any]:
    """The KubeletConfiguration in a file; raises `UsageError`."""
    import yaml

    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - the flag is a string
            body = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        reason = yamlerrors.words(error)
        raise UsageError(f"failed to load kubelet config file, path: {path}, error: {reason}") from error
    if not isinstance(body, dict) or body.get("kind") != "KubeletConfiguration":
        raise UsageError(f"failed to load kubelet config file, path: {path}, error: not a KubeletConfiguration")
    try:
        configuration_checks.check(body)
    except UsageError as error:
        raise UsageError(f"failed to load kubelet config file, path: {path}, error: {error}") from error
    return body


def parse_labels(pairs: Sequence[str]) -> dict[str, str]:
    """``a=b`` pairs."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f'invalid argument "{pair}" for "--node-labels" flag: must be key=value')
        found[key] = value
    return found


def parse_taints(texts: Sequence[str]) -> tuple[Taint, ...]:
    """``key=value:effect`` or ``key:effect``."""
    found = []
    for text in texts:
        head, colon, effect = text.rpartition(":")
        key, _, value = head.partition("=")
        if not colon or effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
            raise UsageError(f'invalid argument "{text}" for "--register-with-taints" flag: invalid taint spec')
        found.append((key, value, effect))
    return tuple(found)


def seconds(value: Any) -> float:
    """A duration of the file: Go's text."""
    return parse_duration(str(value or "0"))


def megabytes(text: str) -> int:
    """A quantity of bytes."""
    from kajitori.machinery.quantity import Quantity

    return Quantity.parse(text).value()


def _check_driver(driver: str) -> None:
    if driver not in ("cgroupfs", "systemd"):
        raise UsageError(f'unknown cgroup driver "{driver}"')
    if driver == "systemd":
        raise UsageError('cgroup driver "systemd" is not supported: set cgroupDriver: cgroupfs here and in the runtime')


def _taints(options: Options, body: dict[str, Any]) -> tuple[Taint, ...]:
    """What the node registers with: the flag's, else the file's."""
    if options.given("register-with-taints"):
        return parse_taints(options["register-with-taints"])
    return tuple((t["key"], t.get("value") or "", t["effect"]) for t in body.get("registerWithTaints") or ())


def _reserved(body: dict[str, Any]) -> dict[str, str]:
    """What is kept for the system and for Kubernetes, together, by resource."""
    reserved: dict[str, str] = {}
    for source in ("systemReserved", "kubeReserved"):
        for name, amount in (body.get(source) or {}).items():
            reserved[name] = _sum(reserved.get(name), str(amount))
    return reserved


def from_flags(options: Options) -> Config:
    """What the file says, with given flags over it; raises `UsageError`."""
    body = load_file(options["config"]) if options["config"] else {}

    def pick(flag: str, name: str) -> Any:
        if options.given(flag) or body.get(name) is None:
            return options[flag]
        return body[name]

    _check_driver(pick("cgroup-driver", "cgroupDriver"))
    restart = (body.get("crashLoopBackOff") or {}).get("maxContainerRestartPeriod")
    root_dir = options["root-dir"].rstrip("/")
    return Config(
        node_name=(options["hostname-override"] or socket.gethostname()).strip().lower(),
        kubeconfig=options["kubeconfig"],
        bootstrap_kubeconfig=options["bootstrap-kubeconfig"],
        rotate_certificates=bool(body.get("rotateCertificates")),
        root_dir=root_dir,
        cert_dir=options["cert-dir"] or f"{root_dir}/pki",
        runtime_endpoint=pick("container-runtime-endpoint", "containerRuntimeEndpoint") or DEFAULT_ENDPOINT,
        image_endpoint=pick("image-service-endpoint", "imageServiceEndpoint"),
        node_ips=tuple(options["node-ip"]),
        node_labels=parse_labels(options["node-labels"]),
        register_node=pick("register-node", "registerNode"),
        register_taints=_taints(options, body),
        register_schedulable=options["register-schedulable"],
        static_pod_path=pick("pod-manifest-path", "staticPodPath"),
        cluster_dns=tuple(pick("cluster-dns", "clusterDNS")),
        cluster_domain=pick("cluster-domain", "clusterDomain"),
        resolv_conf=pick("resolv-conf", "resolvConf"),
        cgroup_root=pick("cgroup-root", "cgroupRoot"),
        max_pods=int(pick("max-pods", "maxPods")),
        pod_cidr=pick("pod-cidr", "podCIDR"),
        provider_id=pick("provider-id", "providerID"),
        seccomp_default=pick("seccomp-default", "seccompDefault"),
        cpu_cfs_quota=body.get("cpuCFSQuota", True),
        serialize_image_pulls=body.get("serializeImagePulls", False),
        max_parallel_image_pulls=body.get("maxParallelImagePulls") or 0,
        eviction_hard=DEFAULT_EVICTION if body.get("evictionHard") is None else body["evictionHard"],
        image_gc_high_percent=body.get("imageGCHighThresholdPercent") or 85,
        image_gc_low_percent=body.get("imageGCLowThresholdPercent") or 80,
        image_minimum_age_s=seconds(body.get("imageMinimumGCAge") or "2m"),
        log_max_bytes=megabytes(body.get("containerLogMaxSize") or "10Mi"),
        log_max_files=body.get("containerLogMaxFiles") or 5,
        pod_logs_dir=(body.get("podLogsDir") or "/var/log/pods").rstrip("/"),
        container_logs_dir=str(Path(body.get("podLogsDir") or "/var/log/pods").parent / "containers"),
        reserved=_reserved(body),
        allowed_unsafe_sysctls=tuple(pick("allowed-unsafe-sysctls", "allowedUnsafeSysctls")),
        max_restart_period_s=seconds(restart) if restart else 300.0,
        server=_server(options, body, pick),
    )


def _server(options: Options, body: Mapping[str, Any], pick: Any) -> ServerConfig:
    authentication = body.get("authentication") or {}
    has_file = bool(body)

    def auth(flag: str, from_file: Any, file_default: Any) -> Any:
        if options.given(flag):
            return options[flag]
        if from_file is not None:
            return from_file
        return file_default if has_file else options[flag]

    mode = auth("authorization-mode", (body.get("authorization") or {}).get("mode"), "Webhook")
    return ServerConfig(
        address=pick("address", "address"),
        port=int(pick("port", "port")),
        healthz_address=pick("healthz-bind-address", "healthzBindAddress"),
        healthz_port=int(pick("healthz-port", "healthzPort")),
        tls_cert_file=pick("tls-cert-file", "tlsCertFile"),
        tls_private_key_file=pick("tls-private-key-file", "tlsPrivateKeyFile"),
        client_ca_file=auth("client-ca-file", (authentication.get("x509") or {}).get("clientCAFile"), ""),
        anonymous_auth=auth("anonymous-auth", (authentication.get("anonymous") or {}).get("enabled"), False),
        webhook_auth=auth("authentication-token-webhook", (authentication.get("webhook") or {}).get("enabled"), True),
        always_allow=mode == "AlwaysAllow",
        read_only_port=int(pick("read-only-port", "readOnlyPort")),
        pod_logs_dir=(body.get("podLogsDir") or "/var/log/pods").rstrip("/"),
        extra={
            "cert_dir": options["cert-dir"] or f"{options['root-dir'].rstrip('/')}/pki",
            "sans": tuple(options["node-ip"]),
            "configz": body,
        },
    )


def _sum(one: str | None, other: str) -> str:
    from kajitori.machinery.quantity import Quantity

    return str(Quantity.parse(one or "0") + Quantity.parse(other))
