"""Events where there is no API server to tell them to: the log. May import: aiokit."""

from __future__ import annotations

from typing import Any

from kajitori.aiokit.logs import get_logger

log = get_logger(__name__)


class LogRecorder:
    """Speaks as the client's EventRecorder does."""

    def event(self, obj: Any, kind: str, reason: str, message: str, *, field_path: str = "") -> None:
        """One line per event."""
        name = obj.get("name", "") if isinstance(obj, dict) else f"{obj.metadata.namespace}/{obj.metadata.name}"
        log.v(1).info("event", object=name, kind=kind, reason=reason, text=message, field_path=field_path)
