"""ServerConfig: everything the API server can be told, with upstream's defaults. May import: the standard library."""

from dataclasses import dataclass
from pathlib import Path


class ConfigError(ValueError):
    """A file or value that a flag names cannot be used; the message is for whoever starts the server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerConfig:
    """Field names are upstream's flag names. `command.py` fills it from flags, `kajitori.testing` by hand.

    Empty file names mean: made by ourselves under `data_dir/pki` (see pki.py), which `command.py` and the testing
    fixture have done before anything reads this.
    """

    data_dir: Path = Path("~/.kajitori/apiserver")
    storage_backend: str = "sqlite"  # sqlite, memory, etcd3
    etcd_servers: tuple[str, ...] = ()
    etcd_prefix: str = "/registry"
    etcd_cafile: str = ""
    etcd_certfile: str = ""
    etcd_keyfile: str = ""
    etcd_compaction_interval_s: float = 300.0
    etcd_healthcheck_timeout_s: float = 2.0
    etcd_readycheck_timeout_s: float = 2.0

    bind_address: str = "0.0.0.0"
    advertise_address: str = ""
    secure_port: int = 6443
    permit_port_sharing: bool = False
    permit_address_sharing: bool = True
    tls_cert_file: str = ""
    tls_private_key_file: str = ""
    tls_sni_cert_key: tuple[str, ...] = ()
    client_ca_file: str = ""
    requestheader_client_ca_file: str = ""
    requestheader_allowed_names: tuple[str, ...] = ()
    requestheader_username_headers: tuple[str, ...] = ("x-remote-user",)
    requestheader_uid_headers: tuple[str, ...] = ("x-remote-uid",)
    requestheader_group_headers: tuple[str, ...] = ("x-remote-group",)
    requestheader_extra_headers_prefix: tuple[str, ...] = ("x-remote-extra-",)

    anonymous_auth: bool = True
    token_auth_file: str = ""
    enable_bootstrap_token_auth: bool = False
    service_account_key_file: tuple[str, ...] = ()
    service_account_signing_key_file: str = ""
    service_account_issuer: tuple[str, ...] = ("https://kubernetes.default.svc.cluster.local",)
    api_audiences: tuple[str, ...] = ()
    service_account_jwks_uri: str = ""
    service_account_max_token_expiration_s: int = 0
    service_account_extend_token_expiration: bool = True
    service_account_lookup: bool = True

    authentication_config: str = ""
    oidc_issuer_url: str = ""
    oidc_client_id: str = ""
    oidc_ca_file: str = ""
    oidc_username_claim: str = "sub"
    oidc_username_prefix: str = ""
    oidc_groups_claim: str = ""
    oidc_groups_prefix: str = ""
    oidc_required_claim: tuple[str, ...] = ()
    oidc_signing_algs: tuple[str, ...] = ("RS256",)
    authentication_token_webhook_config_file: str = ""
    authentication_token_webhook_version: str = "v1beta1"  # noqa: S105 - a version, no secret
    authentication_token_webhook_cache_ttl_s: float = 120.0
    authorization_config: str = ""
    authorization_webhook_config_file: str = ""
    authorization_webhook_version: str = "v1beta1"
    authorization_webhook_cache_authorized_ttl_s: float = 300.0
    authorization_webhook_cache_unauthorized_ttl_s: float = 30.0

    tls_min_version: str = "VersionTLS12"
    tls_cipher_suites: tuple[str, ...] = ()

    audit_policy_file: str = ""
    audit_log_path: str = ""
    audit_log_format: str = "json"
    audit_log_maxage: int = 0
    audit_log_maxbackup: int = 0
    audit_log_maxsize: int = 0
    audit_log_compress: bool = False
    audit_log_mode: str = "blocking"
    audit_log_version: str = "audit.k8s.io/v1"
    audit_log_batch_buffer_size: int = 10_000
    audit_log_batch_max_size: int = 1
    audit_log_batch_max_wait_s: float = 0.0
    audit_log_batch_throttle_enable: bool = False
    audit_log_batch_throttle_qps: float = 0.0
    audit_log_batch_throttle_burst: int = 0
    audit_log_truncate_enabled: bool = False
    audit_log_truncate_max_event_size: int = 102400
    audit_log_truncate_max_batch_size: int = 10485760
    audit_webhook_config_file: str = ""
    audit_webhook_mode: str = "batch"
    audit_webhook_version: str = "audit.k8s.io/v1"
    audit_webhook_truncate_enabled: bool = False
    audit_webhook_truncate_max_event_size: int = 102400
    audit_webhook_truncate_max_batch_size: int = 10485760
    audit_webhook_batch_buffer_size: int = 10_000
    audit_webhook_batch_max_size: int = 400
    audit_webhook_batch_max_wait_s: float = 30.0
    audit_webhook_batch_throttle_enable: bool = True
    audit_webhook_batch_throttle_qps: float = 10.0
    audit_webhook_batch_throttle_burst: int = 15
    audit_webhook_initial_backoff_s: float = 10.0
    encryption_provider_config: str = ""
    encryption_provider_config_automatic_reload: bool = False

    authorization_mode: tuple[str, ...] = ("RBAC",)
    enable_admission_plugins: tuple[str, ...] = ()
    disable_admission_plugins: tuple[str, ...] = ()
    admission_control_config_file: str = ""
    default_not_ready_toleration_seconds: int = 300
    default_unreachable_toleration_seconds: int = 300

    service_cluster_ip_range: str = "10.96.0.0/12"
    service_node_port_range: tuple[int, int] = (30000, 32767)
    kubelet_client_certificate: str = ""
    kubelet_client_key: str = ""
    kubelet_certificate_authority: str = ""
    kubelet_preferred_address_types: tuple[str, ...] = (
        "Hostname",
        "InternalDNS",
        "InternalIP",
        "ExternalDNS",
        "ExternalIP",
    )
    proxy_client_cert_file: str = ""
    proxy_client_key_file: str = ""

    min_request_timeout_s: int = 1800
    request_timeout_s: int = 60
    enable_priority_and_fairness: bool = True
    max_requests_inflight: int = 400
    max_mutating_requests_inflight: int = 200
    event_ttl_s: int = 3600
    shutdown_delay_duration_s: float = 0.0
    shutdown_send_retry_after: bool = False
    shutdown_watch_termination_grace_period_s: float = 0.0
    shutdown_linger_s: float = 1.0
    """How long a stopping server leaves idle connections open, for requests that are on their way."""
    cors_allowed_origins: tuple[str, ...] = ()
    strict_transport_security_directives: tuple[str, ...] = ()
    loopback_token: str = ""
    """A bearer token that means system:apiserver in system:masters; random per process, never written to disk."""
    admin_token: str = ""
    """kajitori.testing: a bearer token for user "admin" in system:masters."""

    @property
    def audiences(self) -> tuple[str, ...]:
        """What a token must be meant for: --api-audiences, or the issuers."""
        return self.api_audiences or self.service_account_issuer
