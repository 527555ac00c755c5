"""What browsers are told, if the flags say so: of other sites' pages, and of HTTPS."""

import asyncio
from typing import Any

import pytest

from kajitori.aiokit.http.message import Answer, Headers, Request, Response
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.serving.browsers import for_browsers

CONFIG = ServerConfig(
    cors_allowed_origins=(r"//example\.com(:|$)", r"^https://.*\.other\.io$"),
    strict_transport_security_directives=("max-age=31536000", "includeSubDomains"),
)


async def answered(request: Request) -> Answer:
    return Response(b"{}", headers=[("Audit-Id", "x")])


def told(origin: str = "", method: str = "GET") -> tuple[int, dict[str, str]]:
    body: Any = None
    headers = Headers([("origin", origin)] if origin else [])
    request = Request(method=method, target="/api", headers=headers, body=body)
    answer = asyncio.run(for_browsers(answered, CONFIG)(request))  # type: ignore[arg-type]
    assert isinstance(answer, Response)
    return answer.status, dict(answer.headers)


def test_without_flags_nothing_stands_between() -> None:
    assert for_browsers(answered, ServerConfig()) is answered


@pytest.mark.parametrize("origin", ["https://example.com", "http://example.com:8080", "https://a.other.io"])
def test_pages_of_allowed_sites_may_ask(origin: str) -> None:
    status, headers = told(origin)
    assert (status, headers["Access-Control-Allow-Origin"], headers["Audit-Id"]) == (200, origin, "x")
    assert headers["Access-Control-Allow-Methods"] == "POST, GET, OPTIONS, PUT, DELETE, PATCH"
    status, headers = told(origin, "OPTIONS")
    assert (status, headers["Access-Control-Allow-Credentials"]) == (204, "true")
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("origin", ["", "https://example.com.evil.io", "https://notexample.com", "http://a.other.io"])
def test_others_hear_nothing_of_it(origin: str) -> None:
    status, headers = told(origin, "OPTIONS")
    assert (status, sorted(headers)) == (200, ["Audit-Id", "Strict-Transport-Security"])


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        ({"cors_allowed_origins": ("example.com",)}, "does not pin to start/end of host in the origin header, help: List"),
        ({"cors_allowed_origins": ("//a(:|$",)}, "--cors-allowed-origins has an invalid regular expression: "),
        ({"cors_allowed_origins": ("",)}, "empty value in --cors-allowed-origins, help: "),
        ({"strict_transport_security_directives": ("age=1",)}, "allowed values: max-age=expireTime, includeSubDomains"),
        ({"strict_transport_security_directives": (" ",)}, "empty value in strict-transport-security-directives"),
    ],
)  # fmt: skip
def test_what_would_let_strangers_in_is_refused(flags: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        for_browsers(answered, ServerConfig(**flags))
    assert problem in str(refused.value)
