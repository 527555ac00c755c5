"""The proxy's metrics, with upstream's names. May import: client.metrics, aiokit."""

from kajitori.aiokit.metrics import LATENCY_BUCKETS
from kajitori.client.metrics import component_registry

REGISTRY = component_registry()
SYNC_SECONDS = REGISTRY.histogram(
    "kubeproxy_sync_proxy_rules_duration_seconds",
    "How long writing the rules took, in seconds.",
    (),
    LATENCY_BUCKETS,
    "ALPHA",
)
LAST_SYNC = REGISTRY.gauge(
    "kubeproxy_sync_proxy_rules_last_timestamp_seconds",
    "When the rules were last written, in seconds since the Unix epoch.",
    (),
    "ALPHA",
)
