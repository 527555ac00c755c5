"""SIGTERM under load: what was accepted is answered, what was acknowledged is there, watches end whole."""

import asyncio
import re
import signal
import ssl
from typing import Any

import orjson
import pytest
from tests.integration.apiserver.serverprocess import CONFIG_MAPS, ServerProcess, config_map, get, send
from tests.waiting import until

from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError
from kajitori.testing import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


class Writer:
    """Creates ConfigMaps one after the other until the server takes no more connections."""

    def __init__(self, client: RawClient, name: str) -> None:
        self.client, self.name = client, name
        self.acknowledged: list[str] = []
        self.broken: list[str] = []

    async def run(self) -> None:
        while True:
            name = f"{self.name}-{len(self.acknowledged)}"
            try:
                await send(self.client, "POST", CONFIG_MAPS, config_map(name))
            except ConnectionRefusedError:
                return  # the server has gone in an orderly way: nothing was sent
            except (OSError, StatusError) as error:
                self.broken.append(f"{name}: {error!r}")
                return
            self.acknowledged.append(name)


async def watch_to_the_end(client: RawClient, ready: asyncio.Event) -> list[str]:
    """The names that a watch told of; fails when the stream breaks off instead of ending."""
    names: list[str] = []
    query = [("watch", "true"), ("resourceVersion", "0")]
    rest = b""
    async with client.raw_stream("GET", CONFIG_MAPS, query=query) as stream:
        ready.set()
        async for chunk in stream:
            *lines, rest = (rest + chunk).split(b"\n")
            names += [orjson.loads(line)["object"]["metadata"]["name"] for line in lines]
    assert not rest
    return names


def test_a_stop_under_load_breaks_no_request_and_loses_no_acknowledged_write(tmp_path):
    async def scenario() -> None:
        server = await ServerProcess(tmp_path).start()
        writers = [Writer(server.client(), f"w{n}") for n in range(8)]
        watcher, ready = server.client(), asyncio.Event()
        watching = asyncio.ensure_future(watch_to_the_end(watcher, ready))
        await ready.wait()
        writing = [asyncio.ensure_future(writer.run()) for writer in writers]
        await until(lambda: all(len(writer.acknowledged) > 20 for writer in writers), "the load is on")
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*writing)
        assert server.ended() == 0
        names = await watching
        for writer in writers:
            assert writer.broken == []
            await writer.client.close()
        await watcher.close()
        acknowledged = {name for writer in writers for name in writer.acknowledged}
        assert set(names) - {"kube-root-ca.crt"} <= acknowledged | {f"{w.name}-{len(w.acknowledged)}" for w in writers}
        await server.start()
        client = server.client()
        held = {item["metadata"]["name"] for item in (await get(client, CONFIG_MAPS))["items"]}
        assert acknowledged <= held
        await client.close()
        assert server.stop() == 0

    asyncio.run(scenario())


def test_during_the_shutdown_delay_it_serves_but_is_not_ready(tmp_path):
    async def scenario() -> None:
        server = await ServerProcess(tmp_path, "--shutdown-delay-duration=2s").start()
        client = server.client()
        assert (await client.raw("GET", "/readyz")).status == 200
        server.process.send_signal(signal.SIGTERM)
        await until(lambda: _refuses(client, "/readyz"), "it is not ready any more")
        assert (await client.raw("GET", "/livez")).status == 200
        await send(client, "POST", CONFIG_MAPS, config_map("late"))
        await client.close()
        assert server.ended() == 0

    asyncio.run(scenario())


async def _refuses(client: RawClient, path: str) -> bool:
    try:
        await client.raw("GET", path)
    except StatusError as error:
        return error.code == 500
    return False


def test_a_part_that_fails_stops_the_server_at_once_though_a_request_waits_for_it():
    async def scenario() -> None:
        async with ControlPlane() as control_plane:
            serving = control_plane._task
            assert serving is not None
            control_plane.server.cacher._apply = _fail
            client = RawClient(control_plane.rest_config)
            waiting = asyncio.ensure_future(send(client, "POST", CONFIG_MAPS, config_map("x")))
            await asyncio.wait((serving,), timeout=10)
            assert serving.done()
            assert serving.exception() is not None
            waiting.cancel()
            await asyncio.wait((waiting,))
            await client.close()

    asyncio.run(scenario())


def _fail(event: Any) -> None:
    raise RuntimeError("the feed is broken")


def test_logs_are_json_when_asked_for(tmp_path):
    async def scenario() -> None:
        server = await ServerProcess(tmp_path, "--logging-format=json").start()
        assert server.stop() == 0
        lines = server.log.read_text().splitlines()
        logged = [orjson.loads(line) for line in lines if line.startswith("{")]
        assert any(entry["msg"] == "serving securely" and entry["address"] for entry in logged)
        assert [line for line in lines if re.match(r"[IWEF]\d{4} ", line)] == []

    asyncio.run(scenario())


def test_whoever_comes_while_requests_are_finished_is_told_when_to_come_again(tmp_path):
    async def scenario() -> None:
        server = await ServerProcess(tmp_path, "--shutdown-send-retry-after").start()
        body = orjson.dumps(config_map("late"))
        reader, writer = await connect(server)
        head = f"POST {CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        client = server.client()
        await until(lambda: _inflight(client), "the write is under way")
        server.process.send_signal(signal.SIGTERM)
        await until(lambda: _refuses(client, "/readyz"), "it is not ready any more")
        await until(lambda: _is_sent_away(server), "a new request is told to come again")
        writer.write(body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 201 ")
        writer.close()
        await client.close()
        assert server.ended() == 0

    asyncio.run(scenario())


async def connect(server: ServerProcess) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    context = ssl.create_default_context(cafile=str(server.directory / "data/pki/ca.crt"))
    return await asyncio.open_connection("127.0.0.1", server.port, ssl=context)


async def _inflight(client: RawClient) -> bool:
    metrics = (await client.raw("GET", "/metrics")).body.decode()
    return 'apiserver_current_inflight_requests{request_kind="mutating"} 1' in metrics


async def _is_sent_away(server: ServerProcess) -> bool:
    """Asked by hand: a client would try again by itself."""
    reader, writer = await connect(server)
    writer.write(f"GET {CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer.startswith(b"HTTP/1.1 429 ") and b"\r\nRetry-After: 5\r\nConnection: close\r\n" in answer
