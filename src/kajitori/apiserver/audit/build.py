"""The auditor that the flags ask for. May import: audit.*, api.scheme, config, metrics."""

from __future__ import annotations

import contextlib
from typing import Any

from kajitori.aiokit.clock import Clock
from kajitori.api.scheme import Scheme
from kajitori.apiserver.audit import event as events
from kajitori.apiserver.audit.batching import log_batching, webhook_batching
from kajitori.apiserver.audit.log import AuditLog, Rotation, Sink
from kajitori.apiserver.audit.policy import load
from kajitori.apiserver.audit.record import Ask, Auditor, Default, LineOf
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.request import RequestInfo


def build_auditor(
    config: ServerConfig,
    clock: Clock,
    attributes_of: Ask,
    metrics: Metrics | None = None,
    scheme: Scheme | None = None,
) -> Auditor | None:
    """None unless there is both a policy and a place for events, as upstream. Raises OSError, ConfigError."""
    sinks: dict[Sink, LineOf] = {}
    modes: dict[Sink, str] = {}
    if config.audit_log_path:
        sink = _log(config)
        line = events.legacy_line if config.audit_log_format == "legacy" else events.json_line
        largest = config.audit_log_truncate_max_event_size if config.audit_log_truncate_enabled else 0
        sinks[sink], modes[sink] = events.limited(line, largest), config.audit_log_mode
    if config.audit_webhook_config_file:
        sink = _webhook(config, clock)
        largest = config.audit_webhook_truncate_max_event_size if config.audit_webhook_truncate_enabled else 0
        sinks[sink], modes[sink] = events.limited(events.json_line, largest), config.audit_webhook_mode
    if not config.audit_policy_file or not sinks:
        return None
    return Auditor(
        load(config.audit_policy_file), sinks, clock, attributes_of, metrics, modes=modes, default=_defaults(scheme)
    )


def _defaults(scheme: Scheme | None) -> Default:
    """Gives an object of the request's own kind its defaults; what cannot be read has none."""

    def default(info: RequestInfo, obj: dict[str, Any]) -> None:
        resource = scheme.by_plural(info.group, info.version, info.resource) if scheme else None
        if resource is None or info.subresource not in ("", "status") or obj.get("kind") != resource.kind:
            return
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            resource.strategy.default(obj)

    return default


def _log(config: ServerConfig) -> Sink:
    rotation = Rotation(
        max_size_mb=config.audit_log_maxsize,
        max_backups=config.audit_log_maxbackup,
        max_age_days=config.audit_log_maxage,
        compress=config.audit_log_compress,
    )
    return AuditLog(config.audit_log_path, rotation, log_batching(config))


def _webhook(config: ServerConfig, clock: Clock) -> Sink:
    from kajitori.apiserver.audit.webhook import AuditWebhook
    from kajitori.apiserver.webhookclient import WebhookClient

    return AuditWebhook(WebhookClient(config.audit_webhook_config_file), webhook_batching(config), clock)
