"""The scheduler's metrics, with upstream's names. May import: aiokit."""

from kajitori.aiokit.metrics import Registry

REGISTRY = Registry()
ATTEMPTS = REGISTRY.counter(
    "scheduler_schedule_attempts_total", "Number of attempts to schedule pods, by the result.", ("profile", "result")
)
ATTEMPT_SECONDS = REGISTRY.histogram(
    "scheduler_scheduling_attempt_duration_seconds",
    "Scheduling attempt latency in seconds (scheduling algorithm + binding)",
    ("profile", "result"),
)
ALGORITHM_SECONDS = REGISTRY.histogram(
    "scheduler_scheduling_algorithm_duration_seconds", "Scheduling algorithm latency in seconds"
)
SLI_SECONDS = REGISTRY.histogram(
    "scheduler_pod_scheduling_sli_duration_seconds",
    "E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue.",
    ("attempts",),
)
VICTIMS = REGISTRY.counter("scheduler_preemption_victims_total", "Number of selected preemption victims")
