"""DNS metrics, with coredns' names. May import: aiokit."""

from kajitori.aiokit.metrics import Registry

REGISTRY = Registry()
_BUCKETS = tuple(0.00025 * 2**n for n in range(16))
REQUESTS = REGISTRY.counter("coredns_dns_requests_total", "DNS requests.", ("server", "zone", "proto", "type"))
RESPONSES = REGISTRY.counter("coredns_dns_responses_total", "DNS responses.", ("server", "zone", "rcode"))
DURATION = REGISTRY.histogram(
    "coredns_dns_request_duration_seconds", "Time each request took.", ("server", "zone"), buckets=_BUCKETS
)
CACHE_HITS = REGISTRY.counter("coredns_cache_hits_total", "The count of cache hits.", ("server",))
CACHE_MISSES = REGISTRY.counter("coredns_cache_misses_total", "The count of cache misses.", ("server",))
