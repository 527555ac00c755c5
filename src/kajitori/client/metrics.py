"""What every component that talks to an API server counts: its requests, and whether it leads.

A transport tells nobody of its requests until this module is imported: command lines do not pay for it.
May import: client.transport, api.featuregates, aiokit.
"""

from kajitori import KUBERNETES_VERSION
from kajitori.aiokit.metrics import Counter, Gauge, Histogram, Registry
from kajitori.api import featuregates
from kajitori.client import transport

_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
REQUESTS = Counter(
    "rest_client_requests_total", "Requests to API servers, by answer.", ("code", "method", "host"), "ALPHA"
)
SECONDS = Histogram(
    "rest_client_request_duration_seconds",
    "How long requests to API servers took, in seconds.",
    ("verb", "host"),
    _BUCKETS,
    "ALPHA",
)
LEADING = Gauge("leader_election_master_status", "1 while this process leads, 0 while it waits.", ("name",), "ALPHA")


def observe(method: str, host: str, code: str, seconds: float) -> None:
    """One request, answered or (with the code `<error>`) not."""
    REQUESTS.inc(code, method, host)
    SECONDS.observe(seconds, method, host)


def component_registry() -> Registry:
    """A registry with these and the version, for a component to add its own to."""
    registry = Registry()
    for metric in (REQUESTS, SECONDS, LEADING):
        registry.add(metric)
    major, minor, _ = KUBERNETES_VERSION.removeprefix("v").split(".")
    labels = ("major", "minor", "git_version")
    built = registry.gauge("kubernetes_build_info", "The version, as labels of a 1.", labels, "BETA")
    built.set(1, major, minor, f"v{KUBERNETES_VERSION.removeprefix('v')}")
    featuregates.add_to(registry)
    return registry


transport.observer = observe
