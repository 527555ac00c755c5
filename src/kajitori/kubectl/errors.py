"""Errors in the words that kubectl's users know: from the server, from the connection, from the configuration.

May import: machinery.errors, client.
"""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Final

from kajitori.client.config import ConfigError
from kajitori.client.discovery import NoMatch
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

UNTRUSTED: Final = frozenset({18, 19, 20, 21})
"""OpenSSL's codes for a chain that ends in nobody we trust."""
IGNORABLE: Final = "if you choose to ignore these errors, turn validation off with --validate=false"


def explain_to(context: Context, error: BaseException) -> str | None:
    """As `explain`, with what the command was about when the server turned out to be out of reach."""
    if context.errand and isinstance(error, OSError) and hasattr(error, "server"):
        return out_of_reach(error, context.errand, context.config().server, context.errand_path)
    return explain(error)


def explain(error: BaseException) -> str | None:
    """The text for stderr, or None for an error that nobody foresaw (let it show its traceback)."""
    if isinstance(error, StatusError):
        return from_server(error)
    if isinstance(error, NoMatch | ConfigError | TemplateError):
        return str(error) if str(error).startswith("Error in configuration") else f"error: {error}"
    if isinstance(error, OSError):
        if error.filename:
            return f"error: open {error.filename}: {(error.strerror or '').lower()}"
        return from_connection(error)
    if isinstance(error, UsageError):
        return str(error)
    if isinstance(error, ExceptionGroup):
        texts = [explain(one) for one in error.exceptions]
        return None if None in texts else "\n".join(text.removeprefix("error: ") for text in texts if text)
    return None


def from_connection(error: OSError) -> str:
    """What Go's network packages would have said."""
    server = getattr(error, "server", "")
    if isinstance(error, ConnectionRefusedError):
        where = server or "localhost:8080"
        return f"The connection to the server {where} was refused - did you specify the right host or port?"
    return f"Unable to connect to the server: {_network_cause(error, server)}"


def out_of_reach(error: OSError, errand: str, server: str, path: str = "") -> str:
    """The same error inside another: what was attempted, with which request (`path`: one that stands for ours)."""
    request = f'Get "{server.rstrip("/")}{path}"' if path else getattr(error, "request", "")
    cause = _network_cause(error, getattr(error, "server", ""))
    after = f"; {IGNORABLE}" if errand.startswith("error validating") else ""
    return f"error: {errand} {request}: {cause}{after}"


def _network_cause(error: OSError, server: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = "certificate signed by unknown authority" if error.verify_code in UNTRUSTED else error.verify_message
        return f"tls: failed to verify certificate: x509: {reason}"
    if isinstance(error, ssl.SSLError):
        return f"tls: {error.reason or error}"
    if isinstance(error, TimeoutError) and error.errno is None:
        if server:
            return f"dial tcp {server}: i/o timeout"
        return "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {server.rpartition(':')[0]}: no such host"
    if server and error.errno:
        return f"dial tcp {_dialled(server)}: connect: {os.strerror(error.errno).lower()}"
    return str(error)


def _dialled(server: str) -> str:
    """The address behind a name."""
    host, _, port = server.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return server
    address = str(found[0][4][0])
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


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
    header = f'The {kind} "{name}" is invalid' if kind or name else "The request is invalid"
    told = (f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in causes)
    rows = list(dict.fromkeys(told))  # servers repeat themselves where several checks found the same
    if len(rows) == 1:
        return f"{header}: {rows[0]}"
    rows = [f"* {row}" for row in rows]
    return f"{header}: \n" + "\n".join(rows)
