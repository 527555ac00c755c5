"""The auditor that the flags ask for. May import: audit.*, config."""

from __future__ import annotations

from kajitori.aiokit.clock import Clock
from kajitori.apiserver.audit.log import AuditLog, Rotation
from kajitori.apiserver.audit.policy import load
from kajitori.apiserver.audit.record import Ask, Auditor
from kajitori.apiserver.config import ServerConfig


def build_auditor(config: ServerConfig, clock: Clock, attributes_of: Ask) -> Auditor | None:
    """None unless there is both a policy and a log, as upstream. Raises OSError, PolicyError."""
    if not config.audit_policy_file or not config.audit_log_path:
        return None
    rotation = Rotation(
        max_size_mb=config.audit_log_maxsize,
        max_backups=config.audit_log_maxbackup,
        max_age_days=config.audit_log_maxage,
        compress=config.audit_log_compress,
    )
    log = AuditLog(config.audit_log_path, rotation)
    return Auditor(
        load(config.audit_policy_file), log, clock, attributes_of, legacy=config.audit_log_format == "legacy"
    )
