"""What probes came to, by container: `/metrics/probes`. May import: aiokit."""

from kajitori.aiokit.metrics import Registry

REGISTRY = Registry()
PROBES = REGISTRY.counter(
    "prober_probe_total",
    "Probes of a container, by kind and result.",
    ("probe_type", "result", "container", "pod", "namespace", "pod_uid"),
    "BETA",
)


def forget(pod_uid: str) -> None:
    """The Pod is gone, and so are its numbers."""
    for series in [series for series in PROBES.values if series[-1] == pod_uid]:
        del PROBES.values[series]
