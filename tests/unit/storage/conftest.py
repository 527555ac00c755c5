"""One suite for every engine: a test takes `run`, and is run on each."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kajitori.storage.interface import Store
from kajitori.storage.opening import open_storage

Scenario = Callable[[Store], Awaitable[None]]


@pytest.fixture(params=["memory", "sqlite"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    def run_scenario(scenario: Scenario) -> None:
        async def main() -> None:
            store = await open_storage(request.param, tmp_path)
            try:
                await scenario(store)
            finally:
                await store.close()

        asyncio.run(main())

    return run_scenario
