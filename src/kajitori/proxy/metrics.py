"""The proxy's metrics, with upstream's names. May import: aiokit."""

from kajitori.aiokit.metrics import Registry

REGISTRY = Registry()
SYNC_SECONDS = REGISTRY.histogram("kubeproxy_sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds")
LAST_SYNC = REGISTRY.gauge(
    "kubeproxy_sync_proxy_rules_last_timestamp_seconds", "The last time proxy rules were successfully synced"
)
