"""One suite for every engine: a test takes `run`, and is run on each. etcd is a real one, on free ports of loopback."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from kajitori.storage.interface import Store
from kajitori.storage.opening import open_storage
from kajitori.testing.etcd import Etcd, available

Scenario = Callable[[Store], Awaitable[None]]


@pytest.fixture(scope="session")
def etcd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    if not available():
        pytest.skip("no etcd on this machine")
    with Etcd(tmp_path_factory.mktemp("etcd")) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "etcd3"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def open_engine(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Awaitable[Store]]:
    """Opens the engine; what was written by a store opened before is there again (memory: is not)."""
    servers: list[str] = []
    if engine == "etcd3":
        server: Etcd = request.getfixturevalue("etcd_server")
        server.clear()
        servers.append(server.url)

    async def opened() -> Store:
        return await open_storage(engine, tmp_path, servers)

    return opened


@pytest.fixture
def run(open_engine: Callable[[], Awaitable[Store]]) -> Callable[[Scenario], None]:
    def run_scenario(scenario: Scenario) -> None:
        async def main() -> None:
            store = await open_engine()
            try:
                await scenario(store)
            finally:
                await store.close()

        asyncio.run(main())

    return run_scenario
