"""Errors in the words that kubectl's users know: from the server, from the connection, from the configuration.

May import: machinery.errors, client.
"""

from __future__ import annotations

import ssl

from kajitori.client.config import ConfigError
from kajitori.client.discovery import NoMatch
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.machinery.errors import StatusError


def explain(error: BaseException) -> str | None:
    """The text for stderr, or None for an error that nobody foresaw (let it show its traceback)."""
    if isinstance(error, StatusError):
        return from_server(error)
    if isinstance(error, NoMatch | ConfigError | TemplateError):
        return f"error: {error}"
    if isinstance(error, ssl.SSLError):
        return f"Unable to connect to the server: tls: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        where = getattr(error, "server", "") or "localhost:8080"
        return f"The connection to the server {where} was refused - did you specify the right host or port?"
    if isinstance(error, TimeoutError):
        cause = "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
        return f"Unable to connect to the server: {cause}"
    if isinstance(error, OSError):
        if error.filename:
            return f"error: open {error.filename}: {(error.strerror or '').lower()}"
        return f"Unable to connect to the server: {error}"
    if isinstance(error, ExceptionGroup):
        texts = [explain(one) for one in error.exceptions]
        return None if None in texts else "\n".join(text for text in texts if text)
    return None


def from_server(error: StatusError) -> str:
    """``Error from server (NotFound): …``; validation errors as upstream lays them out."""
    if error.reason == "Invalid":
        return _invalid(error)
    reason = f" ({error.reason})" if error.reason else ""
    return f"Error from server{reason}: {error.message}"


def _invalid(error: StatusError) -> str:
    details = error.details or {}
    causes = details.get("causes") or []
    kind, name = details.get("kind", ""), details.get("name", "")
    if not causes:
        return f"Error from server (Invalid): {error.message}"
    header = f'The {kind} "{name}" is invalid'
    if len(causes) == 1:
        only = causes[0]
        return (
            f"{header}: {only.get('field', '')}: {only.get('message', '')}"
            if only.get("field")
            else f"{header}: {only.get('message', '')}"
        )
    rows = [
        f"* {c['field']}: {c.get('message', '')}" if c.get("field") else f"* {c.get('message', '')}" for c in causes
    ]
    return f"{header}: \n" + "\n".join(rows)
