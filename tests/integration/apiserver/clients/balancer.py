"""Two API servers on one etcd behind one address: each new connection goes to the other one than the connection before.

A client that works here sees its own writes whatever server it asks, for that is what a load balancer before a control
plane of several servers does to it. The servers share their keys, as kubeadm gives them.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from kajitori.testing import ControlPlane
from kajitori.testing.etcd import Etcd


class Balanced:
    """What tests ask of a ControlPlane, with the balancer's address."""

    def __init__(self, directory: Path, first: ControlPlane, port: int) -> None:
        self.data_dir = directory
        self.kubeconfig = directory / "balanced.kubeconfig"
        self.kubeconfig.write_text(first.kubeconfig.read_text().replace(f":{first.port}", f":{port}"))


@contextmanager
def balanced(directory: Path) -> Iterator[Balanced]:
    """Etcd, two servers and the balancer."""
    keys = directory / "second" / "pki"
    (directory / "etcd").mkdir()
    with Etcd(directory / "etcd") as etcd:
        options = {"storage": "etcd3", "etcd_servers": (etcd.url,)}
        with ControlPlane(data_dir=directory / "first", **options) as first:
            shutil.copytree(first.data_dir / "pki", keys)
            with (
                ControlPlane(data_dir=keys.parent, admin_token=first.admin_token, **options) as second,
                _forwarded(first.port, second.port) as port,
            ):
                yield Balanced(directory, first, port)


@contextmanager
def _forwarded(*ports: int) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    turns = cycle(ports)
    listening: asyncio.Future[int] = loop.create_future()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward, back = await asyncio.open_connection("127.0.0.1", next(turns))
            await asyncio.gather(_copy(reader, back), _copy(onward, writer))
        except OSError:
            writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
            listening.set_result(server.sockets[0].getsockname()[1])
            await server.serve_forever()

    main = loop.create_task(serve())
    thread = threading.Thread(target=_run, args=(loop, main), name="balancer")
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(_result(listening), loop).result(10)
    finally:
        loop.call_soon_threadsafe(main.cancel)
        thread.join()


async def _result(future: asyncio.Future[int]) -> int:
    return await future


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


def _run(loop: asyncio.AbstractEventLoop, main: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(main)
    except asyncio.CancelledError:
        loop.run_until_complete(_cut_off())
    finally:
        loop.close()


async def _cut_off() -> None:
    """Ends the connections that are still open."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
