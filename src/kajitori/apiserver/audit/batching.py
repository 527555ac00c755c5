"""How audit events are gathered and how often batches of them go out, where nobody waits for them (mode `batch`).

May import: config.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    """So many a second on average, `burst` of them at once after a pause."""

    def __init__(self, batching: Batching, now: Callable[[], float]) -> None:
        self._qps, self._burst, self._now = batching.qps, float(batching.burst), now
        self._left, self._seen = self._burst, now()

    def delay_s(self) -> float:
        """How long the next one has to wait; it is taken to go then."""
        if not self._qps:
            return 0.0
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._seen) * self._qps) - 1
        self._seen = now
        return max(-self._left / self._qps, 0.0)


def log_batching(config: ServerConfig) -> Batching:
    """Of --audit-log-batch-*. Raises ConfigError."""
    _check(
        "log",
        config.audit_log_mode,
        (config.audit_log_batch_buffer_size, config.audit_log_batch_max_size),
        (config.audit_log_batch_throttle_enable, config.audit_log_batch_throttle_qps),
        config.audit_log_batch_throttle_burst,
        (config.audit_log_truncate_max_event_size, config.audit_log_truncate_max_batch_size),
    )
    return Batching(
        buffer=config.audit_log_batch_buffer_size,
        max_size=config.audit_log_batch_max_size,
        max_wait_s=config.audit_log_batch_max_wait_s,
        qps=config.audit_log_batch_throttle_qps if config.audit_log_batch_throttle_enable else 0.0,
        burst=config.audit_log_batch_throttle_burst,
    )


def webhook_batching(config: ServerConfig) -> Batching:
    """Of --audit-webhook-batch-*. Raises ConfigError."""
    _check(
        "webhook",
        config.audit_webhook_mode,
        (config.audit_webhook_batch_buffer_size, config.audit_webhook_batch_max_size),
        (config.audit_webhook_batch_throttle_enable, config.audit_webhook_batch_throttle_qps),
        config.audit_webhook_batch_throttle_burst,
        (config.audit_webhook_truncate_max_event_size, config.audit_webhook_truncate_max_batch_size),
    )
    return Batching(
        buffer=config.audit_webhook_batch_buffer_size,
        max_size=config.audit_webhook_batch_max_size,
        max_wait_s=config.audit_webhook_batch_max_wait_s,
        qps=config.audit_webhook_batch_throttle_qps if config.audit_webhook_batch_throttle_enable else 0.0,
        burst=config.audit_webhook_batch_throttle_burst,
        initial_backoff_s=config.audit_webhook_initial_backoff_s,
        max_bytes=config.audit_webhook_truncate_max_batch_size if config.audit_webhook_truncate_enabled else 0,
    )


def _check(
    plugin: str, mode: str, sizes: tuple[int, int], throttle: tuple[bool, float], burst: int, most: tuple[int, int]
) -> None:
    problems = list(_batch_problems(plugin, sizes, throttle, burst))[:1] if mode == "batch" else []
    event, batch = most
    if event <= 0:
        problems.append(f"invalid audit truncate {plugin} max event size {event}, must be a positive number")
    elif batch < event:
        why = f"must be greater than max event size ({event})"
        problems.append(f"invalid audit truncate {plugin} max batch size {batch}, {why}")
    if problems:
        raise ConfigError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")


def _batch_problems(plugin: str, sizes: tuple[int, int], throttle: tuple[bool, float], burst: int) -> Iterator[str]:
    numbers: dict[str, float] = {"buffer size": sizes[0], "max batch size": sizes[1]}
    if throttle[0]:
        numbers |= {"throttle QPS": throttle[1], "throttle burst": burst}
    for name, number in numbers.items():
        if number <= 0:
            yield f"invalid audit batch {plugin} {name} {number:g}, must be a positive number"
