"""ComponentStatuses tell what the parts answer just now, in the words of upstream's prober."""

import asyncio

from kajitori.apiserver.registry.componentstatuses import ComponentStatusHooks, ask_healthz
from kajitori.storage.interface import StoreUnavailable
from kajitori.storage.memory import MemoryStore


def conditions(store, neighbours):
    async def ask():
        return await ComponentStatusHooks(store, neighbours).all()

    return {found["metadata"]["name"]: found["conditions"] for found in asyncio.run(ask())}


class Broken(MemoryStore):
    async def get(self, key):
        raise StoreUnavailable("database or disk is full")


def test_a_store_that_answers_is_healthy():
    assert conditions(MemoryStore(), {}) == {"etcd-0": [{"type": "Healthy", "status": "True", "message": "ok"}]}


def test_a_store_that_fails_is_not_and_says_why():
    why = "database or disk is full"
    assert conditions(Broken(), {}) == {"etcd-0": [{"type": "Healthy", "status": "False", "error": why}]}


def test_a_neighbour_that_is_not_there_is_not_healthy():
    dial = "dial tcp 127.0.0.1:1: connect: connection refused"
    message = f'Get "https://127.0.0.1:1/healthz": {dial}'
    found = conditions(MemoryStore(), {"scheduler": 1})["scheduler"]
    assert found == [{"type": "Healthy", "status": "False", "message": message}]


def test_a_neighbour_that_does_not_speak_tls_is_not_healthy():
    async def ask():
        async def answer(reader, writer):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nok")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await ask_healthz(server.sockets[0].getsockname()[1])

    found = asyncio.run(ask())
    assert found["status"] == "False"
    assert "tls: " in found["message"]
