"""A server that starts on an empty store."""

import asyncio
from pathlib import Path

import pytest
from tests.integration.apiserver.serverprocess import ServerProcess, send
from tests.waiting import until

pytestmark = pytest.mark.integration


def test_whoever_waits_for_it_is_refused_nothing_for_want_of_a_namespace(tmp_path: Path) -> None:
    about = {"kind": "Node", "name": "n", "namespace": "default"}
    event = {"metadata": {"name": "starting"}, "involvedObject": about, "reason": "Starting", "type": "Normal"}

    async def scenario() -> None:
        server = ServerProcess(tmp_path)
        starting = asyncio.ensure_future(server.start())
        await until(lambda: (tmp_path / "data/pki/ca.crt").exists(), "it has a certificate")
        client = server.client()

        async def first_answer() -> bool:
            try:
                await send(client, "POST", "/api/v1/namespaces/default/events", event)
            except OSError:
                return False  # nobody listens yet
            return True

        try:
            await until(first_answer, "it takes an event")
            await starting
        finally:
            await client.close()
            assert server.stop() == 0

    asyncio.run(scenario())
