"""What browsers are told: which other sites' pages may ask this server (--cors-allowed-origins), and to come by HTTPS
only (--strict-transport-security-directives). Without these flags nothing is done.

May import: config, aiokit.http, machinery.goregex.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from kajitori.aiokit.http.message import Answer, Request, Response, StreamResponse
from kajitori.apiserver.config import ConfigError, ServerConfig

Handler = Callable[[Request], Awaitable[Answer]]
_ALLOWED = (
    ("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE, PATCH"),
    (
        "Access-Control-Allow-Headers",
        "Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, "
        "If-Modified-Since",
    ),
    ("Access-Control-Expose-Headers", "Date"),
    ("Access-Control-Allow-Credentials", "true"),
)
_HELP = (
    "List of allowed origins for CORS, comma separated. An allowed origin can be a regular expression to support "
    "subdomain matching. If this list is empty CORS will not be enabled. Please ensure each expression matches the "
    "entire hostname by anchoring to the start with '^' or including the '//' prefix, and by anchoring to the end with "
    r"'$' or including the ':' port separator suffix. Examples of valid expressions are '//example\.com(:|$)' and "
    r"'^https://example\.com(:|$)'"
)
_DIRECTIVES = (
    "--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. "
    "see https://tools.ietf.org/html/rfc6797#section-6.1 for more information"
)
_LOOSE = "regular expression does not pin to start/end of host in the origin header"


def for_browsers(handler: Handler, config: ServerConfig) -> Handler:
    """The handler, which says what the flags want said. Raises ConfigError."""
    origins = [_pattern(text) for text in config.cors_allowed_origins]
    _check(config.strict_transport_security_directives)
    if not origins and not config.strict_transport_security_directives:
        return handler
    lasting = [("Strict-Transport-Security", "; ".join(config.strict_transport_security_directives))]
    lasting = lasting if config.strict_transport_security_directives else []

    async def handle(request: Request) -> Answer:
        told, origin = lasting, request.headers.get("origin")
        answer: Answer
        if origin and any(pattern.search(origin) for pattern in origins):
            told = [*lasting, ("Access-Control-Allow-Origin", origin), *_ALLOWED]
            if request.method == "OPTIONS":  # asked before the request itself
                return Response(b"", status=204, headers=told)
        answer = await handler(request)
        if isinstance(answer, Response | StreamResponse):
            answer.headers += told
        return answer

    return handle


def _pattern(text: str) -> Any:
    """One allowed origin, which must say where the host begins and ends. Raises ConfigError."""
    from kajitori.machinery import goregex

    if not text:
        raise ConfigError(f"empty value in --cors-allowed-origins, help: {_HELP}")
    try:
        found = goregex.compile(text)
    except ValueError as error:
        raise ConfigError(
            f"--cors-allowed-origins has an invalid regular expression: {error}, help: {_HELP}"
        ) from error
    if not any(mark in text for mark in ("^", "//")) or not any(mark in text for mark in ("$", ":")):
        raise ConfigError(f"--cors-allowed-origins has an invalid regular expression: {_LOOSE}, help: {_HELP}")
    return found


def _check(directives: Sequence[str]) -> None:
    for directive in directives:
        if not directive.strip():
            raise ConfigError("empty value in strict-transport-security-directives")
        name, equals, value = directive.partition("=")
        if directive not in ("includeSubDomains", "preload") and (name != "max-age" or not equals or "=" in value):
            raise ConfigError(_DIRECTIVES)
