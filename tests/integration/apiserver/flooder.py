"""Somebody who asks without pause: `flooder.py PORT CA TOKEN PATH CONNECTIONS`, a line with seconds for each answer."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from kajitori.client.config import RestConfig
from kajitori.client.raw import RawClient

PER_CLIENT = 16  # a client has so many connections


async def ask(client: RawClient, path: str) -> None:
    while True:
        started = time.monotonic()
        await client.raw("GET", path)
        sys.stdout.write(f"{time.monotonic() - started:.4f}\n")
        sys.stdout.flush()


async def main(config: RestConfig, path: str, connections: int) -> None:
    clients = [RawClient(config) for _ in range(connections // PER_CLIENT + 1)]
    async with asyncio.TaskGroup() as tasks:
        for number in range(connections):
            tasks.create_task(ask(clients[number // PER_CLIENT], path))


if __name__ == "__main__":
    port, ca, token, path, connections = sys.argv[1:]
    server = RestConfig(server=f"https://127.0.0.1:{port}", ca_data=Path(ca).read_bytes(), token=token)
    asyncio.run(main(server, path, int(connections)))
