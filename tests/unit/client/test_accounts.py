import asyncio
from dataclasses import replace

import orjson

from kajitori.aiokit.clock import FakeClock
from kajitori.client.accounts import ServiceAccountCredentials, account_config
from kajitori.client.config import RestConfig
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import NotFound


def test_an_account_config_carries_nothing_of_its_owner() -> None:
    owner = RestConfig(server="https://x", token="t", client_cert_file="c", client_key_file="k", ca_data=b"ca")
    mine = account_config(owner)
    assert (mine.server, mine.ca_data) == ("https://x", b"ca")
    assert (mine.token, mine.client_cert_file, mine.client_key_file) == ("", "", "")


def test_a_token_is_asked_for_once_and_renewed_before_it_expires(scripted, plain_response) -> None:
    async def answer(request, writer):
        token = f"token-{len(server_requests)}"
        server_requests.append(request.target)
        writer.write(plain_response(orjson.dumps({"status": {"token": token}}), "201 Created"))

    server_requests: list[str] = []

    async def scenario() -> None:
        async with scripted(answer) as server:
            clock = FakeClock()
            owner = RawClient(replace(server.config, token="owner"))
            credentials = ServiceAccountCredentials(owner, "kube-system", "x", clock)
            first = await asyncio.gather(*(credentials.headers() for _ in range(5)))
            assert first == [[("Authorization", "Bearer token-0")]] * 5
            clock.advance(3600 * 0.8 - 1)
            assert await credentials.headers() == first[0]
            clock.advance(2)
            assert await credentials.headers() == [("Authorization", "Bearer token-1")]
            assert credentials.refused()
            assert await credentials.headers() == [("Authorization", "Bearer token-2")]
            assert {r.headers["authorization"] for r in server.requests} == {"Bearer owner"}

    asyncio.run(scenario())


def test_a_missing_account_is_created(scripted, plain_response) -> None:
    made = []

    async def answer(request, writer):
        if request.target.endswith("/serviceaccounts"):
            made.append(orjson.loads(request.body)["metadata"]["name"])
            writer.write(plain_response(b"{}", "201 Created"))
        elif made:
            writer.write(plain_response(b'{"status":{"token":"t"}}', "201 Created"))
        else:
            status = NotFound.of("", "serviceaccounts", "x").to_status()
            writer.write(plain_response(orjson.dumps(status), "404 Not Found"))

    async def scenario() -> None:
        async with scripted(answer) as server:
            credentials = ServiceAccountCredentials(RawClient(server.config), "kube-system", "x")
            assert await credentials.headers() == [("Authorization", "Bearer t")]

    asyncio.run(scenario())
    assert made == ["x"]
