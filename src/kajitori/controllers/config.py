"""kube-controller-manager's flags → one frozen `Config`.

May import: aiokit.flags, controllers.{controller, registry}.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kajitori.aiokit.flags import Flags, UsageError
from kajitori.aiokit.flags import Options as FlagValues
from kajitori.controllers.controller import Options
from kajitori.controllers.registry import unknown

_ACCEPTED = {  # flags of kubeadm's and minikube's manifests whose purpose is met without them, or comes later
    "cluster-name": "kubernetes",
    "requestheader-client-ca-file": "",
    "requestheader-username-headers": "",
    "requestheader-group-headers": "",
    "requestheader-extra-headers-prefix": "",
    "requestheader-allowed-names": "",
    "tls-min-version": "",
    "tls-cipher-suites": "",
    "feature-gates": "",
    "cloud-provider": "",
    "configure-cloud-routes": "",
    "node-cidr-mask-size": "",
}

_SIGNING_FLAGS = {  # upstream's flags leave out what the signers' names repeat
    "": "cluster-signing",
    "kube-apiserver-client": "cluster-signing-kube-apiserver-client",
    "kube-apiserver-client-kubelet": "cluster-signing-kubelet-client",
    "kubelet-serving": "cluster-signing-kubelet-serving",
    "legacy-unknown": "cluster-signing-legacy-unknown",
}


@dataclass(frozen=True, kw_only=True)
class Config:
    kubeconfig: str = ""
    server: str = ""
    bind_address: str = "0.0.0.0"
    secure_port: int = 10257
    cert_file: str = ""
    key_file: str = ""
    always_allow_paths: tuple[str, ...] = ("/healthz", "/readyz", "/livez")
    leader_elect: bool = True
    lease_namespace: str = "kube-system"
    lease_name: str = "kube-controller-manager"
    lease_duration_s: float = 15.0
    renew_deadline_s: float = 10.0
    retry_period_s: float = 2.0
    controllers: tuple[str, ...] = ("*",)
    own_accounts: bool = False
    options: Options = field(default_factory=Options)


def flags() -> Flags:
    f = Flags("kajitori controller-manager", "The controllers (kube-controller-manager's part).")
    f.string("kubeconfig", "", "Path to kubeconfig file with authorization and master location information.")
    f.string("master", "", "The address of the Kubernetes API server (overrides any value in kubeconfig).")
    f.string("authentication-kubeconfig", "", "kubeconfig for asking the API server who a caller is.")
    f.string("authorization-kubeconfig", "", "kubeconfig for asking the API server what a caller may.")
    f.strings(
        "authorization-always-allow-paths", ("/healthz", "/readyz", "/livez"), "HTTP paths that need no authorization."
    )
    f.string("client-ca-file", "", "Clients with a certificate of one of these authorities are authenticated.")
    f.string("bind-address", "0.0.0.0", "The IP address on which to listen for the --secure-port port.")
    f.integer("secure-port", 10257, "The port on which to serve HTTPS. If 0, don't serve HTTPS at all.")
    f.string("tls-cert-file", "", "File containing the x509 certificate for HTTPS.")
    f.string("tls-private-key-file", "", "File containing the matching private key.")
    f.boolean("leader-elect", True, "Become leader before running the controllers.")
    f.duration("leader-elect-lease-duration", 15.0, "How long others wait after the last renewal.")
    f.duration("leader-elect-renew-deadline", 10.0, "How long the leader tries to renew before it gives up.")
    f.duration("leader-elect-retry-period", 2.0, "The pause between tries.")
    f.string("leader-elect-resource-lock", "leases", "Only leases are supported.")
    f.string("leader-elect-resource-name", "kube-controller-manager", "The name of the Lease.")
    f.string("leader-elect-resource-namespace", "kube-system", "The namespace of the Lease.")
    f.strings("controllers", ("*",), "Controllers to enable: '*' all, 'foo' this one, '-foo' not this one.")
    f.string("root-ca-file", "", "The certificate authority to publish in every namespace.")
    f.string("service-account-private-key-file", "", "Key that signs tokens which are kept in Secrets.")
    f.boolean("use-service-account-credentials", False, "Each controller acts as its own ServiceAccount.")
    f.boolean("allocate-node-cidrs", False, "Allocate a range of Pod addresses to each node.")
    f.string("cluster-cidr", "", "The ranges of Pod addresses in the cluster, comma-separated.")
    f.string("service-cluster-ip-range", "", "The ranges of Service addresses.")
    f.integer("node-cidr-mask-size-ipv4", 24, "Mask size of a node's IPv4 range.")
    f.integer("node-cidr-mask-size-ipv6", 64, "Mask size of a node's IPv6 range.")
    f.duration("node-monitor-grace-period", 50.0, "How long a node may be silent before it counts as unhealthy.")
    f.duration("node-monitor-period", 5.0, "Accepted: nodes are watched, not polled.")
    f.integer("terminated-pod-gc-threshold", 12500, "How many finished Pods may exist before the oldest are deleted.")
    f.integer("max-endpoints-per-slice", 100, "The most endpoints in one EndpointSlice.")
    f.boolean("profiling", True, "Accepted; there is no profiling endpoint.")
    for signer, flag in _SIGNING_FLAGS.items():
        whose = f"the kubernetes.io/{signer} signer" if signer else "all signers that have no files of their own"
        f.string(f"{flag}-cert-file", "", f"PEM-encoded certificate authority of {whose}.")
        f.string(f"{flag}-key-file", "", f"The key of --{flag}-cert-file.")
    f.duration("cluster-signing-duration", 365 * 86400.0, "The longest that signed certificates are valid.")
    for name, default in _ACCEPTED.items():
        f.string(name, default, "Accepted and without effect.")
    return f


def from_flags(values: FlagValues) -> Config:
    """Raises `UsageError` for an unreadable root CA file, for --allocate-node-cidrs without --cluster-cidr and for
    unknown names in --controllers."""
    if strangers := unknown(values["controllers"]):
        raise UsageError("\n".join(f'"{name}" is not in the list of known controllers' for name in strangers))
    root_ca = ""
    if values["root-ca-file"]:
        try:
            root_ca = Path(values["root-ca-file"]).read_text()
        except OSError as error:
            raise UsageError(f"error parsing root-ca-file at {values['root-ca-file']}: {error.strerror}") from error
    if values["allocate-node-cidrs"] and not values["cluster-cidr"]:
        raise UsageError("--cluster-cidr is needed with --allocate-node-cidrs")
    return Config(
        kubeconfig=values["kubeconfig"],
        server=values["master"],
        bind_address=values["bind-address"],
        secure_port=values["secure-port"],
        cert_file=values["tls-cert-file"],
        key_file=values["tls-private-key-file"],
        always_allow_paths=tuple(values["authorization-always-allow-paths"]),
        leader_elect=values["leader-elect"],
        lease_namespace=values["leader-elect-resource-namespace"],
        lease_name=values["leader-elect-resource-name"],
        lease_duration_s=values["leader-elect-lease-duration"],
        renew_deadline_s=values["leader-elect-renew-deadline"],
        retry_period_s=values["leader-elect-retry-period"],
        controllers=tuple(values["controllers"]),
        own_accounts=values["use-service-account-credentials"],
        options=Options(
            root_ca=root_ca,
            service_account_key_file=_readable(values["service-account-private-key-file"]),
            cluster_cidr=values["cluster-cidr"],
            service_cidr=values["service-cluster-ip-range"],
            allocate_node_cidrs=values["allocate-node-cidrs"],
            node_cidr_mask_size_ipv4=values["node-cidr-mask-size-ipv4"],
            node_cidr_mask_size_ipv6=values["node-cidr-mask-size-ipv6"],
            node_monitor_grace_period_s=values["node-monitor-grace-period"],
            terminated_pod_gc_threshold=values["terminated-pod-gc-threshold"],
            max_endpoints_per_slice=values["max-endpoints-per-slice"],
            signing_files=_signing_files(values),
            signing_duration_s=values["cluster-signing-duration"],
        ),
    )


def _readable(key_file: str) -> str:
    """The name, if the file can be read. Raises UsageError."""
    try:
        if key_file and "PRIVATE KEY-----" not in Path(key_file).read_text():
            why = "data does not contain a valid RSA or ECDSA private key"
            raise UsageError(f"error reading key for service account token controller: {why}")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"error reading key for service account token controller: {error}") from error
    return key_file


def _signing_files(values: FlagValues) -> dict[str, tuple[str, str]]:
    found = {}
    for signer, flag in _SIGNING_FLAGS.items():
        cert, key = values[f"{flag}-cert-file"], values[f"{flag}-key-file"]
        if bool(cert) != bool(key):
            raise UsageError(f"--{flag}-cert-file and --{flag}-key-file are needed together")
        if cert:
            found[signer] = (cert, key)
    return found
