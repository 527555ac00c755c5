import asyncio
from dataclasses import replace

import orjson
import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.client.config import Impersonation
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import Forbidden, NotFound, ServiceUnavailable, StatusError, TooManyRequests


def test_a_status_answer_becomes_the_error_it_names(scripted, respond) -> None:
    status = NotFound.of("", "pods", "web").to_status()

    async def scenario() -> None:
        async with scripted(respond(orjson.dumps(status), "404 Not Found")) as server:
            with pytest.raises(NotFound, match='pods "web" not found'):
                await RawClient(server.config).raw("GET", "/api/v1/namespaces/default/pods/web")

    asyncio.run(scenario())


def test_an_answer_without_status_gets_an_error_by_its_code(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"<html>no", "403 Forbidden")) as server:
            with pytest.raises(Forbidden):
                await RawClient(server.config).raw("GET", "/x")

    asyncio.run(scenario())


@pytest.mark.parametrize("code,error", [("429 Too Many", TooManyRequests), ("503 Down", ServiceUnavailable)])
def test_retry_after_is_honoured_and_bounded(scripted, respond, code, error) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"busy", code, "Retry-After: 3\r\n")) as server:
            clock = FakeClock()
            client = RawClient(server.config, clock=clock)
            call = asyncio.ensure_future(client.raw("POST", "/x", body={"a": 1}))
            while not call.done():
                await asyncio.sleep(0.001)
                clock.advance(1)
            with pytest.raises(error):
                await call
            assert len(server.requests) == 11
            assert {r.body for r in server.requests} == {b'{"a":1}'}

    asyncio.run(scenario())


def test_an_error_without_retry_after_is_told_at_once(scripted, respond) -> None:
    async def scenario() -> None:
        async with scripted(respond(b"oops", "500 Internal Server Error")) as server:
            with pytest.raises(StatusError):
                await RawClient(server.config).raw("GET", "/x")
            assert len(server.requests) == 1

    asyncio.run(scenario())


def test_a_renewed_token_file_is_tried_after_401(scripted, plain_response, tmp_path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")

    async def answer(request, writer):
        if request.headers["authorization"] == "Bearer old":
            token.write_text("new\n")
            writer.write(plain_response(b"", "401 Unauthorized"))
        else:
            writer.write(plain_response(b"{}"))

    async def scenario() -> None:
        async with scripted(answer) as server:
            client = RawClient(replace(server.config, token_file=str(token)))
            assert (await client.raw("GET", "/x")).status == 200

    asyncio.run(scenario())


def test_an_exec_plugin_gives_the_token_once(scripted, respond, tmp_path) -> None:
    from kajitori.client.config import ExecConfig

    plugin = tmp_path / "plugin"
    plugin.write_text(
        f"#!/bin/sh\necho run >> {tmp_path}/runs\n"
        """echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t1"}}'\n"""
    )
    plugin.chmod(0o755)

    async def scenario() -> None:
        async with scripted(respond(b"{}")) as server:
            client = RawClient(replace(server.config, exec=ExecConfig(command=str(plugin))))
            await asyncio.gather(*(client.raw("GET", "/x") for _ in range(3)))
            assert [r.headers["authorization"] for r in server.requests] == ["Bearer t1"] * 3

    asyncio.run(scenario())
    assert (tmp_path / "runs").read_text() == "run\n"


def test_impersonation_travels_in_headers(scripted, respond) -> None:
    who = Impersonation(user="jane", groups=("dev",), extra={"scopes": ("a",)})

    async def scenario() -> None:
        async with scripted(respond(b"{}")) as server:
            await RawClient(replace(server.config, impersonate=who, token="x")).raw("GET", "/x")
            headers = server.requests[0].headers
            assert (headers["impersonate-user"], headers["impersonate-group"]) == ("jane", "dev")
            assert headers["impersonate-extra-scopes"] == "a"

    asyncio.run(scenario())
