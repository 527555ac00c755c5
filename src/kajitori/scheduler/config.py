"""KubeSchedulerConfiguration (a file) and kube-scheduler's flags → one frozen `Config`.

May import: aiokit.flags, scheduler.{profile,plugins.registry}; yaml only when there is a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kajitori.aiokit.flags import Flags, Options, UsageError
from kajitori.aiokit.govalues import parse_duration
from kajitori.machinery import yamlerrors
from kajitori.scheduler.plugins.registry import BY_NAME, DEFAULT_PLUGINS
from kajitori.scheduler.profile import DEFAULT_NAME, PluginChoice

NOT_HERE = frozenset(
    {
        "VolumeRestrictions",
        "NodeVolumeLimits",
        "EBSLimits",
        "GCEPDLimits",
        "AzureDiskLimits",
        "VolumeBinding",
        "VolumeZone",
    }
)
"""Upstream's plugins that we do not have: configurations may name them, which has no effect and is logged."""
POINTS = (
    "preEnqueue",
    "queueSort",
    "preFilter",
    "filter",
    "postFilter",
    "preScore",
    "score",
    "reserve",
    "permit",
    "preBind",
    "bind",
    "postBind",
)


@dataclass(frozen=True)
class ProfileConfig:
    """One scheduler name and the plugins it runs with, in order."""

    name: str = DEFAULT_NAME
    plugins: tuple[PluginChoice, ...] = tuple(PluginChoice(plugin) for plugin in DEFAULT_PLUGINS)


@dataclass(frozen=True, kw_only=True)
class LeaderConfig:
    """leaderElection: the Lease and its times."""

    is_enabled: bool = True
    namespace: str = "kube-system"
    name: str = "kube-scheduler"
    lease_duration_s: float = 15.0
    renew_deadline_s: float = 10.0
    retry_period_s: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that a scheduler process is told from outside."""

    kubeconfig: str = ""
    server: str = ""
    authentication_kubeconfig: str = ""
    authorization_kubeconfig: str = ""
    always_allow_paths: tuple[str, ...] = ("/healthz", "/readyz", "/livez")
    bind_address: str = "0.0.0.0"
    secure_port: int = 10259
    cert_file: str = ""
    key_file: str = ""
    client_ca_file: str = ""
    leader: LeaderConfig = field(default_factory=LeaderConfig)
    profiles: tuple[ProfileConfig, ...] = (ProfileConfig(),)
    percentage_of_nodes_to_score: int = 0
    initial_backoff_s: float = 1.0
    max_backoff_s: float = 10.0


def flags() -> Flags:
    """The command line of kube-scheduler."""
    f = Flags("kajitori scheduler", "The scheduler: assigns Pods to Nodes (kube-scheduler's part).")
    f.string("config", "", "The path to the configuration file.")
    f.string("kubeconfig", "", "Path to kubeconfig file with authorization and master location information.")
    f.string("master", "", "The address of the Kubernetes API server (overrides any value in kubeconfig)")
    f.string("authentication-kubeconfig", "", "kubeconfig for asking the API server who a caller is.")
    f.string("authorization-kubeconfig", "", "kubeconfig for asking the API server what a caller may.")
    f.strings(
        "authorization-always-allow-paths", ("/healthz", "/readyz", "/livez"), "HTTP paths that need no authorization."
    )
    f.string("bind-address", "0.0.0.0", "The IP address on which to listen for the --secure-port port.")
    f.integer("secure-port", 10259, "The port on which to serve HTTPS. If 0, don't serve HTTPS at all.")
    f.string("tls-cert-file", "", "File containing the x509 certificate for HTTPS.")
    f.string("tls-private-key-file", "", "File containing the matching private key.")
    f.string("client-ca-file", "", "Clients with a certificate of one of these authorities are authenticated.")
    f.boolean("leader-elect", True, "Become leader before scheduling.")
    f.duration("leader-elect-lease-duration", 15.0, "How long others wait after the last renewal.")
    f.duration("leader-elect-renew-deadline", 10.0, "How long the leader tries to renew before it gives up.")
    f.duration("leader-elect-retry-period", 2.0, "The pause between tries.")
    f.string("leader-elect-resource-name", "kube-scheduler", "The name of the Lease.")
    f.string("leader-elect-resource-namespace", "kube-system", "The namespace of the Lease.")
    f.boolean("profiling", True, "Accepted; there is no profiling endpoint.")
    f.strings("feature-gates", (), "A set of key=value pairs; accepted and ignored.")
    return f


def from_flags(options: Options) -> Config:
    """What the flags say; a configuration file's words win, as upstream."""
    config = Config(
        kubeconfig=options["kubeconfig"],
        server=options["master"],
        authentication_kubeconfig=options["authentication-kubeconfig"],
        authorization_kubeconfig=options["authorization-kubeconfig"],
        always_allow_paths=tuple(options["authorization-always-allow-paths"]),
        bind_address=options["bind-address"],
        secure_port=options["secure-port"],
        cert_file=options["tls-cert-file"],
        key_file=options["tls-private-key-file"],
        client_ca_file=options["client-ca-file"],
        leader=LeaderConfig(
            is_enabled=options["leader-elect"],
            namespace=options["leader-elect-resource-namespace"],
            name=options["leader-elect-resource-name"],
            lease_duration_s=options["leader-elect-lease-duration"],
            renew_deadline_s=options["leader-elect-renew-deadline"],
            retry_period_s=options["leader-elect-retry-period"],
        ),
    )
    if options["config"]:
        config = with_file(config, _read(options["config"]))
    return config


def _read(path: str) -> Mapping[str, Any]:
    from pathlib import Path

    import yaml

    try:
        document = yaml.load(Path(path).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read the configuration {path}: {yamlerrors.words(error)}") from error
    if not isinstance(document, dict) or document.get("kind") != "KubeSchedulerConfiguration":
        raise UsageError(f'{path} is not a "KubeSchedulerConfiguration"')
    if document.get("apiVersion") != "kubescheduler.config.k8s.io/v1":
        raise UsageError(f"unsupported apiVersion {document.get('apiVersion')!r}")
    return document


def with_file(config: Config, document: Mapping[str, Any]) -> Config:
    """A Config with the fields that a KubeSchedulerConfiguration sets."""
    election = document.get("leaderElection") or {}
    leader = config.leader
    if "leaderElect" in election:
        leader = replace(leader, is_enabled=bool(election["leaderElect"]))
    for wire, name in (("resourceName", "name"), ("resourceNamespace", "namespace")):
        if election.get(wire):
            leader = replace(leader, **{name: election[wire]})
    durations = (("leaseDuration", "lease_duration_s"), ("renewDeadline", "renew_deadline_s"))
    for wire, name in (*durations, ("retryPeriod", "retry_period_s")):
        if election.get(wire):
            seconds: Any = parse_duration(str(election[wire]))
            leader = replace(leader, **{name: seconds})
    profiles = tuple(_profile(p) for p in document.get("profiles") or ()) or config.profiles
    if len({p.name for p in profiles}) < len(profiles):
        raise UsageError("profiles: Duplicate value: schedulerName must be unique")
    return replace(
        config,
        kubeconfig=(document.get("clientConnection") or {}).get("kubeconfig") or config.kubeconfig,
        leader=leader,
        profiles=profiles,
        percentage_of_nodes_to_score=int(document.get("percentageOfNodesToScore") or 0),
        initial_backoff_s=float(document.get("podInitialBackoffSeconds") or config.initial_backoff_s),
        max_backoff_s=float(document.get("podMaxBackoffSeconds") or config.max_backoff_s),
    )


def _profile(document: Mapping[str, Any]) -> ProfileConfig:
    args = {entry["name"]: entry.get("args") or {} for entry in document.get("pluginConfig") or ()}
    plugins = document.get("plugins") or {}
    everywhere = plugins.get("multiPoint") or {}
    chosen: dict[str, PluginChoice] = {
        plugin.name: PluginChoice(plugin, args=args.get(plugin.name)) for plugin in DEFAULT_PLUGINS
    }
    _apply(chosen, everywhere, args, None)
    for point in POINTS:
        if plugins.get(point):
            _apply(chosen, plugins[point], args, point)
    return ProfileConfig(document.get("schedulerName") or DEFAULT_NAME, tuple(chosen.values()))


def _apply(
    chosen: dict[str, PluginChoice], entry: Mapping[str, Any], args: Mapping[str, Any], point: str | None
) -> None:
    """`disabled` (also `*`), then `enabled`, for all points (None) or one."""
    for item in entry.get("disabled") or ():
        for name in list(chosen) if item["name"] == "*" else [item["name"]]:
            if name not in chosen:
                continue
            if point is None:
                del chosen[name]
            else:
                points = chosen[name].points
                left = (points if points is not None else frozenset(POINTS)) - {point}
                chosen[name] = replace(chosen[name], points=left)
    for item in entry.get("enabled") or ():
        name, weight = item["name"], int(item.get("weight") or 0)
        if name in NOT_HERE:
            continue
        if name not in BY_NAME:
            raise UsageError(f"invalid configuration: {name} does not exist")
        known = chosen.get(name)
        points = known.points if known else (frozenset() if point else None)
        if point is not None and points is not None:
            points |= {point}
        chosen[name] = PluginChoice(BY_NAME[name], weight or (known.weight if known else 0), args.get(name), points)


def plugin_names(profile: ProfileConfig) -> Sequence[str]:
    return [choice.type.name for choice in profile.plugins]
