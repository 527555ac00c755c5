"""The scheduler's metrics, with upstream's names. May import: client.metrics, aiokit."""

from kajitori.aiokit.metrics import LATENCY_BUCKETS
from kajitori.client.metrics import component_registry

REGISTRY = component_registry()
_LONG = tuple(0.01 * 2**n for n in range(20))
ATTEMPTS = REGISTRY.counter(
    "scheduler_schedule_attempts_total",
    "Attempts to schedule Pods, by what came of them.",
    ("profile", "result"),
    "STABLE",
)
ATTEMPT_SECONDS = REGISTRY.histogram(
    "scheduler_scheduling_attempt_duration_seconds",
    "How long attempts took, binding included, in seconds.",
    ("profile", "result"),
    LATENCY_BUCKETS,
    "STABLE",
)
ALGORITHM_SECONDS = REGISTRY.histogram(
    "scheduler_scheduling_algorithm_duration_seconds",
    "How long choosing a node took, in seconds.",
    (),
    LATENCY_BUCKETS,
    "ALPHA",
)
SLI_SECONDS = REGISTRY.histogram(
    "scheduler_pod_scheduling_sli_duration_seconds",
    "How long Pods took from entering the queue until they were bound, in seconds.",
    ("attempts",),
    _LONG,
    "BETA",
)
POD_ATTEMPTS = REGISTRY.histogram(
    "scheduler_pod_scheduling_attempts",
    "How many attempts Pods took until they were bound.",
    (),
    (1, 2, 4, 8, 16),
    "STABLE",
)
PREEMPTIONS = REGISTRY.counter(
    "scheduler_preemption_attempts_total", "How often Pods were looked for that could make room.", (), "STABLE"
)
VICTIMS = REGISTRY.histogram(
    "scheduler_preemption_victims",
    "How many Pods had to make room for one.",
    (),
    tuple(2**n for n in range(7)),
    "STABLE",
)
EXTENSION_POINT_SECONDS = REGISTRY.histogram(
    "scheduler_framework_extension_point_duration_seconds",
    "How long all plugins of an extension point took, in seconds.",
    ("extension_point", "status", "profile"),
    tuple(0.0001 * 2**n for n in range(12)),
    "STABLE",
)
