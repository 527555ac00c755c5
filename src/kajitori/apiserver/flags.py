"""The command line of `kajitori apiserver`: upstream's flag names, read into a ServerConfig.

A flag that nobody knows is an error, as upstream; nothing is accepted that has no effect without saying so.
May import: config, aiokit.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kajitori.aiokit import govalues
from kajitori.aiokit.flags import Flags, Options
from kajitori.apiserver.config import ServerConfig

_DEFAULT = ServerConfig()
_SWITCHES = """
    aggregator-reject-forwarding-redirect allow-privileged contention-profiling disable-http2-serving
    emulation-forward-compatible enable-aggregator-routing enable-garbage-collector enable-logs-handler
    log-json-split-stream log-text-split-stream profiling runtime-config-emulation-forward-compatible watch-cache
"""
SWITCHES = frozenset(_SWITCHES.split())
"""Those of the next that stand without a value."""
_WITHOUT_EFFECT = """
    allow-metric-labels allow-metric-labels-manifest cert-dir
    coordinated-leadership-lease-duration coordinated-leadership-renew-deadline coordinated-leadership-retry-period
    debug-socket-path default-watch-cache-size delete-collection-workers disabled-metrics
    egress-selector-config-file emulated-version endpoint-reconciler-type etcd-count-metric-poll-period
    etcd-db-metric-poll-interval external-hostname feature-gates goaway-chance http2-max-streams-per-connection
    kubelet-timeout kubernetes-service-node-port lease-reuse-duration-seconds livez-grace-period log-flush-frequency
    log-json-info-buffer-size log-text-info-buffer-size max-connection-bytes-per-sec peer-advertise-ip
    peer-advertise-port peer-ca-file runtime-config show-hidden-metrics-for-version storage-initialization-timeout
    storage-media-type tracing-config-file watch-cache-sizes
"""
WITHOUT_EFFECT = SWITCHES | frozenset(_WITHOUT_EFFECT.split())
"""Flags of upstream that are accepted with a warning: what they tune does not exist here, or is always on."""
REFUSED = {
    "authorization-policy-file": "there is no authorization mode ABAC",
    "etcd-servers-overrides": "all resources are stored in one etcd",
    "service-account-signing-endpoint": "tokens are signed with --service-account-signing-key-file",
}
"""Flags of upstream that nobody must believe to be at work; why."""
_boolean, _words, _seconds = govalues.parse_bool, govalues.parse_words, govalues.parse_duration


def _whole_seconds(text: str) -> int:
    return round(_seconds(text))


def _port_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    try:
        return int(low), int(high)
    except ValueError:
        raise ValueError(f'invalid port range "{text}"') from None


AUDIT_MODES = ("batch", "blocking", "blocking-strict")


def _audit_mode(text: str) -> str:
    if text not in AUDIT_MODES:
        raise ValueError(f"invalid audit mode {text}, allowed modes are {','.join(AUDIT_MODES)}")
    return text


def _audit_version(text: str) -> str:
    if text != "audit.k8s.io/v1":
        raise ValueError(f"invalid audit API version {text}, allowed versions are audit.k8s.io/v1")
    return text


def _audit_format(text: str) -> str:
    if text not in ("json", "legacy"):
        raise ValueError(f"invalid audit log format {text}, allowed formats are legacy,json")
    return text


_CONVERT: dict[Any, Any] = {int: govalues.parse_int, float: govalues.parse_number}
_FLAGS: tuple[tuple[str, str, Any, str], ...] = (
    ("data-dir", "data_dir", Path, "Where the store and self-made certificates live."),
    ("storage-backend", "storage_backend", str, "The store: sqlite, memory or etcd3."),
    ("etcd-servers", "etcd_servers", _words, "etcd endpoints; implies --storage-backend=etcd3."),
    ("etcd-prefix", "etcd_prefix", str, "What the keys in etcd begin with."),
    ("etcd-cafile", "etcd_cafile", str, "CAs of the etcd servers' certificates."),
    ("etcd-certfile", "etcd_certfile", str, "The client certificate shown to etcd."),
    ("etcd-keyfile", "etcd_keyfile", str, "The key of --etcd-certfile."),
    ("etcd-compaction-interval", "etcd_compaction_interval_s", _seconds, "How often history is compacted; 0: never."),
    ("bind-address", "bind_address", str, "The address to listen on."),
    ("advertise-address", "advertise_address", str, "The address that others reach this server by."),
    ("secure-port", "secure_port", int, "The port to serve HTTPS on."),
    ("tls-cert-file", "tls_cert_file", str, "The serving certificate; made when left out."),
    ("tls-private-key-file", "tls_private_key_file", str, "The key of --tls-cert-file."),
    ("client-ca-file", "client_ca_file", str, "CAs whose client certificates authenticate; made when left out."),
    ("requestheader-client-ca-file", "requestheader_client_ca_file", str, "CAs of front proxies."),
    ("requestheader-allowed-names", "requestheader_allowed_names", _words, "Common names of front proxies."),
    ("requestheader-username-headers", "requestheader_username_headers", _words, "Headers with the user's name."),
    ("requestheader-group-headers", "requestheader_group_headers", _words, "Headers with the user's groups."),
    ("requestheader-extra-headers-prefix", "requestheader_extra_headers_prefix", _words, "Prefixes of extra headers."),
    ("anonymous-auth", "anonymous_auth", _boolean, "Whether requests without credentials are system:anonymous."),
    ("token-auth-file", "token_auth_file", str, 'A CSV file of static tokens: token,user,uid,"group1,group2".'),
    ("enable-bootstrap-token-auth", "enable_bootstrap_token_auth", _boolean, "Accept bootstrap tokens."),
    ("service-account-signing-key-file", "service_account_signing_key_file", str, "Signs service-account tokens."),
    ("service-account-max-token-expiration", "service_account_max_token_expiration_s", _whole_seconds, "Upper bound."),
    ("service-account-extend-token-expiration", "service_account_extend_token_expiration", _boolean, "A year's grace."),
    ("service-account-lookup", "service_account_lookup", _boolean, "Check that a token's account still exists."),
    ("api-audiences", "api_audiences", _words, "Audiences that this server's tokens are for."),
    (
        "authentication-config",
        "authentication_config",
        str,
        "An AuthenticationConfiguration: token issuers, anonymous.",
    ),
    ("oidc-issuer-url", "oidc_issuer_url", str, "The URL of an OpenID issuer whose tokens are accepted; https only."),
    ("oidc-client-id", "oidc_client_id", str, "The audience that the issuer's tokens must be for."),
    ("oidc-ca-file", "oidc_ca_file", str, "CAs of the issuer's certificate; the system's by default."),
    ("oidc-username-claim", "oidc_username_claim", str, "The claim that names the user."),
    ("oidc-username-prefix", "oidc_username_prefix", str, "Put before user names; - for nothing."),
    ("oidc-groups-claim", "oidc_groups_claim", str, "The claim that names the user's groups."),
    ("oidc-groups-prefix", "oidc_groups_prefix", str, "Put before group names."),
    ("oidc-signing-algs", "oidc_signing_algs", _words, "Algorithms that tokens may be signed with."),
    (
        "authentication-token-webhook-config-file",
        "authentication_token_webhook_config_file",
        str,
        "A kubeconfig of the server that is asked about bearer tokens.",
    ),
    (
        "authentication-token-webhook-version",
        "authentication_token_webhook_version",
        str,
        "The version of TokenReview that it is sent: v1beta1 or v1.",
    ),
    (
        "authentication-token-webhook-cache-ttl",
        "authentication_token_webhook_cache_ttl_s",
        _seconds,
        "How long its answers are remembered.",
    ),
    ("authorization-config", "authorization_config", str, "An AuthorizationConfiguration: authorizers, in order."),
    (
        "authorization-webhook-config-file",
        "authorization_webhook_config_file",
        str,
        "A kubeconfig of the server that --authorization-mode=Webhook asks.",
    ),
    (
        "authorization-webhook-version",
        "authorization_webhook_version",
        str,
        "The version of SubjectAccessReview that it is sent: v1beta1 or v1.",
    ),
    (
        "authorization-webhook-cache-authorized-ttl",
        "authorization_webhook_cache_authorized_ttl_s",
        _seconds,
        "How long its permissions are remembered.",
    ),
    (
        "authorization-webhook-cache-unauthorized-ttl",
        "authorization_webhook_cache_unauthorized_ttl_s",
        _seconds,
        "How long its refusals are remembered.",
    ),
    ("tls-min-version", "tls_min_version", str, "The oldest TLS that is spoken: VersionTLS12 or VersionTLS13."),
    ("tls-cipher-suites", "tls_cipher_suites", _words, "Cipher suites of TLS 1.2; secure ones by default."),
    ("audit-policy-file", "audit_policy_file", str, "Which requests are recorded, and how much of each."),
    ("audit-log-path", "audit_log_path", str, "The audit log's file; - is the standard output."),
    ("audit-log-format", "audit_log_format", _audit_format, "json, or legacy: a line of text."),
    ("audit-log-maxage", "audit_log_maxage", int, "Days that rotated audit logs are kept; 0: for ever."),
    ("audit-log-maxbackup", "audit_log_maxbackup", int, "How many rotated audit logs are kept; 0: all."),
    ("audit-log-maxsize", "audit_log_maxsize", int, "Megabytes of an audit log before it is rotated; 0: 100."),
    ("audit-webhook-config-file", "audit_webhook_config_file", str, "A kubeconfig of the server that is sent events."),
    ("audit-webhook-batch-buffer-size", "audit_webhook_batch_buffer_size", int, "How many events may wait for it."),
    ("audit-webhook-batch-max-size", "audit_webhook_batch_max_size", int, "Events in one batch at most."),
    ("audit-webhook-batch-max-wait", "audit_webhook_batch_max_wait_s", _seconds, "How long a batch is gathered."),
    ("audit-webhook-batch-throttle-enable", "audit_webhook_batch_throttle_enable", _boolean, "Whether batches wait."),
    ("audit-webhook-batch-throttle-qps", "audit_webhook_batch_throttle_qps", float, "Batches a second, on average."),
    ("audit-webhook-batch-throttle-burst", "audit_webhook_batch_throttle_burst", int, "Batches at once after a pause."),
    ("audit-webhook-initial-backoff", "audit_webhook_initial_backoff_s", _seconds, "The pause before a second try."),
    ("audit-log-mode", "audit_log_mode", _audit_mode, "blocking, blocking-strict or batch: whether requests wait."),
    ("audit-webhook-mode", "audit_webhook_mode", _audit_mode, "batch, blocking or blocking-strict, likewise."),
    ("audit-log-version", "audit_log_version", _audit_version, "The version of the events in the log."),
    ("audit-webhook-version", "audit_webhook_version", _audit_version, "The version of the events sent."),
    ("audit-log-batch-buffer-size", "audit_log_batch_buffer_size", int, "How many events may wait to be written."),
    ("audit-log-batch-max-size", "audit_log_batch_max_size", int, "Events written at once at most, in mode batch."),
    ("audit-log-batch-max-wait", "audit_log_batch_max_wait_s", _seconds, "How long a batch is gathered."),
    ("audit-log-batch-throttle-enable", "audit_log_batch_throttle_enable", _boolean, "Whether batches have to wait."),
    ("audit-log-batch-throttle-qps", "audit_log_batch_throttle_qps", float, "Batches a second, on average."),
    ("audit-log-batch-throttle-burst", "audit_log_batch_throttle_burst", int, "Batches at once after a pause."),
    ("audit-log-truncate-max-batch-size", "audit_log_truncate_max_batch_size", int, "Bytes written at once at most."),
    ("audit-log-truncate-enabled", "audit_log_truncate_enabled", _boolean, "Whether large events lose their objects."),
    ("audit-log-truncate-max-event-size", "audit_log_truncate_max_event_size", int, "Bytes of an event at most."),
    ("audit-webhook-truncate-enabled", "audit_webhook_truncate_enabled", _boolean, "Likewise, of events sent."),
    ("audit-webhook-truncate-max-event-size", "audit_webhook_truncate_max_event_size", int, "Bytes of an event."),
    ("audit-webhook-truncate-max-batch-size", "audit_webhook_truncate_max_batch_size", int, "Bytes sent at once."),
    ("audit-log-compress", "audit_log_compress", _boolean, "Whether rotated audit logs are compressed."),
    ("encryption-provider-config", "encryption_provider_config", str, "How resources are encrypted in the store."),
    (
        "encryption-provider-config-automatic-reload",
        "encryption_provider_config_automatic_reload",
        _boolean,
        "Whether a changed --encryption-provider-config is taken over while running.",
    ),
    ("authorization-mode", "authorization_mode", _words, "Node, RBAC, AlwaysAllow, AlwaysDeny; in order."),
    ("enable-admission-plugins", "enable_admission_plugins", _words, "Plugins to add to the default ones."),
    ("disable-admission-plugins", "disable_admission_plugins", _words, "Default plugins to leave out."),
    ("admission-control-config-file", "admission_control_config_file", str, "Configuration of admission plugins."),
    ("service-cluster-ip-range", "service_cluster_ip_range", str, "The range of Service addresses."),
    ("service-node-port-range", "service_node_port_range", _port_range, "The range of node ports."),
    ("kubelet-client-certificate", "kubelet_client_certificate", str, "Shown to kubelets."),
    ("kubelet-client-key", "kubelet_client_key", str, "The key of --kubelet-client-certificate."),
    ("kubelet-certificate-authority", "kubelet_certificate_authority", str, "CAs of the kubelets' certificates."),
    ("kubelet-preferred-address-types", "kubelet_preferred_address_types", _words, "How to reach nodes, in order."),
    ("proxy-client-cert-file", "proxy_client_cert_file", str, "Shown to aggregated API servers."),
    ("proxy-client-key-file", "proxy_client_key_file", str, "The key of --proxy-client-cert-file."),
    ("min-request-timeout", "min_request_timeout_s", int, "The least number of seconds a watch is kept open."),
    ("request-timeout", "request_timeout_s", _whole_seconds, "How long an ordinary request may take."),
    (
        "enable-priority-and-fairness",
        "enable_priority_and_fairness",
        _boolean,
        "Whether requests wait for one another by FlowSchemas; if not, so many are handled at a time.",
    ),
    ("max-requests-inflight", "max_requests_inflight", int, "Reading requests handled at a time."),
    ("max-mutating-requests-inflight", "max_mutating_requests_inflight", int, "Writing requests handled at a time."),
    ("event-ttl", "event_ttl_s", _whole_seconds, "How long Events are kept."),
    (
        "shutdown-delay-duration",
        "shutdown_delay_duration_s",
        _seconds,
        "How long to go on serving, not ready, before a stop.",
    ),
    (
        "shutdown-send-retry-after",
        "shutdown_send_retry_after",
        _boolean,
        "While requests under way are finished before a stop, tell new ones 429 instead of refusing connections.",
    ),
    (
        "shutdown-watch-termination-grace-period",
        "shutdown_watch_termination_grace_period_s",
        _seconds,
        "How long watches may take to read what they were sent, before a stop; 0: a second.",
    ),
    (
        "default-not-ready-toleration-seconds",
        "default_not_ready_toleration_seconds",
        int,
        "How long Pods that say nothing of it stay on a node that is not ready.",
    ),
    (
        "default-unreachable-toleration-seconds",
        "default_unreachable_toleration_seconds",
        int,
        "How long Pods that say nothing of it stay on a node that cannot be reached.",
    ),
    ("etcd-healthcheck-timeout", "etcd_healthcheck_timeout_s", _seconds, "How long the store may take for /livez."),
    ("etcd-readycheck-timeout", "etcd_readycheck_timeout_s", _seconds, "How long the store may take for /readyz."),
    ("requestheader-uid-headers", "requestheader_uid_headers", _words, "Headers with the user's UID."),
    ("service-account-jwks-uri", "service_account_jwks_uri", str, "Where the keys are, as discovery tells it."),
    (
        "cors-allowed-origins",
        "cors_allowed_origins",
        _words,
        "Sites whose pages may ask this server; regular expressions.",
    ),
    (
        "strict-transport-security-directives",
        "strict_transport_security_directives",
        _words,
        "What browsers are told of coming by HTTPS only: max-age=SECONDS, includeSubDomains, preload.",
    ),
    ("permit-port-sharing", "permit_port_sharing", _boolean, "Let several servers listen on one port (SO_REUSEPORT)."),
    ("permit-address-sharing", "permit_address_sharing", _boolean, "Take a port that ended connections still hold."),
)
_REPEATED = (
    ("service-account-key-file", "service_account_key_file", "Keys that verify service-account tokens; repeatable."),
    ("tls-sni-cert-key", "tls_sni_cert_key", "A certificate and key for some names: file,file[:name,…]; repeatable."),
    ("oidc-required-claim", "oidc_required_claim", "A claim that tokens must have, as name=value; repeatable."),
    ("service-account-issuer", "service_account_issuer", "The issuer of tokens; later ones are accepted too."),
)


def flags() -> Flags:
    """All of them, with help."""
    made = Flags("kajitori apiserver", __doc__.partition("\n")[0])
    for name, field, kind, text in _FLAGS:
        default = getattr(_DEFAULT, field)
        if kind is _boolean:
            made.boolean(name, default, text)
        else:
            made.value(name, default, text, _CONVERT.get(kind, kind), is_list=kind is _words)
    for name, _, text in _REPEATED:
        made.value(name, (), text, lambda word: [word], is_list=True)
    for name in sorted(WITHOUT_EFFECT):
        if name in SWITCHES:
            made.boolean(name, False, "Has no effect.")
        else:
            made.string(name, "", "Has no effect.")
    for name, why in REFUSED.items():
        made.value(name, "", f"Not supported: {why}.", _refused(why))
    return made


def _refused(why: str) -> Callable[[str], str]:
    def refuse(text: str) -> str:
        raise ValueError(f"not supported by Kajitori: {why}")

    return refuse


def parse(argv: Sequence[str]) -> tuple[ServerConfig, Options, list[str]]:
    """(the config, all flags, warnings about flags without effect)."""
    given = flags().parse_or_exit(argv)
    values: dict[str, Any] = {
        field: tuple(given[name]) if kind is _words else given[name] for name, field, kind, _ in _FLAGS
    }
    values |= {field: tuple(given[name]) for name, field, _ in _REPEATED if given[name]}
    values["data_dir"] = Path(values["data_dir"]).expanduser()
    if values["etcd_servers"]:
        values["storage_backend"] = "etcd3"
    warnings = [f"--{name} has no effect in Kajitori" for name in sorted(WITHOUT_EFFECT) if given.given(name)]
    return ServerConfig(**values), given, warnings
