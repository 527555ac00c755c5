"""How audit events are gathered and how often batches of them go out, where nobody waits for them (mode `batch`).

May import: config, aiokit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kajitori.aiokit.tokenbucket import TokenBucket
from kajitori.apiserver.config import ConfigError, ServerConfig


@dataclass(frozen=True, kw_only=True)
class Batching:
    """Upstream's defaults for webhooks. `qps` 0: batches go out as they come."""

    buffer: int = 10_000
    max_size: int = 400
    max_wait_s: float = 30.0
    qps: float = 0.0
    burst: int = 0
    initial_backoff_s: float = 10.0
    max_bytes: int = 0  # any

    @property
    def is_plain(self) -> bool:
        """Whether events may be taken as they come."""
        return self.max_size <= 1 and not self.qps


class Throttle:
    """When a batch may go out."""

    def __init__(self, batching: Batching, now: Callable[[], float]) -> None:
        self._now = now
        self._bucket = TokenBucket(batching.qps, batching.burst, now()) if batching.qps else None

    def delay_s(self) -> float:
        """How long the next one has to wait; it is taken to go then."""
        return self._bucket.reserve(self._now()) if self._bucket is not None else 0.0


def log_batching(config: ServerConfig) -> Batching:
    """Of --audit-log-batch-*. Raises ConfigError."""
    throttled = config.audit_log_batch_throttle_enable
    found = Batching(
        buffer=config.audit_log_batch_buffer_size,
        max_size=config.audit_log_batch_max_size,
        max_wait_s=config.audit_log_batch_max_wait_s,
        qps=config.audit_log_batch_throttle_qps if throttled else 0.0,
        burst=config.audit_log_batch_throttle_burst,
    )
    problem = _batch_problem("log", found, throttled=throttled) if config.audit_log_mode == "batch" else ""
    _check("log", problem, config.audit_log_truncate_max_event_size, config.audit_log_truncate_max_batch_size)
    return found


def webhook_batching(config: ServerConfig) -> Batching:
    """Of --audit-webhook-batch-*. Raises ConfigError."""
    throttled, most = config.audit_webhook_batch_throttle_enable, config.audit_webhook_truncate_max_batch_size
    found = Batching(
        buffer=config.audit_webhook_batch_buffer_size,
        max_size=config.audit_webhook_batch_max_size,
        max_wait_s=config.audit_webhook_batch_max_wait_s,
        qps=config.audit_webhook_batch_throttle_qps if throttled else 0.0,
        burst=config.audit_webhook_batch_throttle_burst,
        initial_backoff_s=config.audit_webhook_initial_backoff_s,
        max_bytes=most if config.audit_webhook_truncate_enabled else 0,
    )
    problem = _batch_problem("webhook", found, throttled=throttled) if config.audit_webhook_mode == "batch" else ""
    _check("webhook", problem, config.audit_webhook_truncate_max_event_size, most)
    return found


def _check(plugin: str, problem: str, event: int, batch: int) -> None:
    """`problem` is the batches' own; `event` and `batch` are how large they may be at the most."""
    problems = [problem] if problem else []
    if event <= 0:
        problems.append(f"invalid audit truncate {plugin} max event size {event}, must be a positive number")
    elif batch < event:
        why = f"must be greater than max event size ({event})"
        problems.append(f"invalid audit truncate {plugin} max batch size {batch}, {why}")
    if problems:
        raise ConfigError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")


def _batch_problem(plugin: str, batching: Batching, *, throttled: bool) -> str:
    """The first number that is none that there can be; upstream names no others."""
    numbers: dict[str, float] = {"buffer size": batching.buffer, "max batch size": batching.max_size}
    if throttled:
        numbers |= {"throttle QPS": batching.qps, "throttle burst": batching.burst}
    for name, number in numbers.items():
        if number <= 0:
            return f"invalid audit batch {plugin} {name} {number:g}, must be a positive number"
    return ""
