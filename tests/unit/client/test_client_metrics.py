"""What components count of their requests, their leading and their work."""

import asyncio

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.aiokit.workqueue import WorkQueue
from kajitori.client.config import RestConfig
from kajitori.client.metrics import REQUESTS, SECONDS, component_registry
from kajitori.client.transport import Transport
from kajitori.testing.ports import free_port


def test_a_request_without_an_answer_is_counted_as_an_error() -> None:
    async def scenario() -> str:
        host = f"127.0.0.1:{free_port()}"
        transport = Transport(RestConfig(server=f"http://{host}"))
        with pytest.raises(OSError):
            await transport.request("GET", "/x")
        await transport.close()
        return host

    host = asyncio.run(scenario())
    assert REQUESTS.values["<error>", "GET", host] == 1
    assert SECONDS.totals()["GET", host] == 1


def test_every_component_tells_its_version() -> None:
    lines = component_registry().text().splitlines()
    assert any(line.startswith('kubernetes_build_info{git_version="v1.34') for line in lines)


def test_every_component_tells_which_gates_are_on_by_default_in_its_version() -> None:
    lines = component_registry().text().splitlines()
    for name, stage, on in (
        ("SidecarContainers", "", 1),
        ("InPlacePodVerticalScaling", "BETA", 1),
        ("ImageVolume", "BETA", 0),
        ("HPAScaleToZero", "ALPHA", 0),
        ("KMSv1", "DEPRECATED", 0),
    ):
        assert f'kubernetes_feature_enabled{{name="{name}",stage="{stage}"}} {on}' in lines


def test_a_queue_knows_how_long_keys_waited_and_were_worked_on() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        queue: WorkQueue[str] = WorkQueue("q", clock)
        queue.add("a")
        clock.advance(2)
        assert await queue.get() == "a"
        clock.advance(3)
        assert queue.unfinished_s() == [3]
        queue.done("a")
        assert (queue.waited.sum, queue.worked.sum) == (2, 3)
        assert queue.unfinished_s() == []

    asyncio.run(scenario())
