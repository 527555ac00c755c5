"""Does the API server's memory level off? `python bench/churn.py [--minutes N] [--rate PER_SECOND]`.

Objects come, change three times and go, at an even rate, with a compaction every minute and a few watchers that read.
Prints the memory (PSS), the processor time and the size of the database minute by minute; it is to stay where it is
once the history that the watch cache keeps is full. The exit code tells whether the last third grew by less than 5 %.
"""

import argparse
import asyncio
import ssl
import sys
import tempfile
import time
from pathlib import Path

import api
import orjson
import uvloop
from loadgen import Client, Job

CONNECTIONS = 8
GROWTH = 1.05


class Churn(Job):
    """Each number is one object's life: created, patched three times, deleted."""

    LIFE = ("POST", "PATCH", "PATCH", "PATCH", "DELETE")

    def __init__(self, token: str, path: str, rate: float) -> None:
        super().__init__("", sys.maxsize, CONNECTIONS, b"", path, token)
        self.pause_s = CONNECTIONS / rate
        self.lives: dict[Client, tuple[int, int]] = {}

    def next(self, client: Client) -> bytes:
        number, step = self.lives.get(client, (-1, len(self.LIFE)))
        if step == len(self.LIFE):
            self.number += 1
            number, step = self.number, 0
        self.lives[client] = number, step + 1
        method = self.LIFE[step]
        path = self.path if method == "POST" else f"{self.path}/churn-{number}"
        obj: dict[str, object] = {"data": {"step": f"{step}" * 500}}
        if method == "POST":
            obj["metadata"] = {"name": f"churn-{number}", "labels": {"life": f"n{number}"}}
        body = b"" if method == "DELETE" else orjson.dumps(obj)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/{'merge-patch+' if method == 'PATCH' else ''}json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def finished(self, seconds: float, status: int) -> None:
        if status >= 300:
            raise SystemExit(f"answered {status}")


class Paced(Client):
    """Waits a little after each answer."""

    def send(self) -> None:
        asyncio.get_running_loop().call_later(self.job.pause_s, self.send_now)

    def send_now(self) -> None:
        if not self.transport.is_closing():
            super().send()


async def churn(server: api.Server, path: str, rate: float, minutes: int) -> list[float]:
    """The server's memory in MB after each minute."""
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context(cafile=server.ca)
    job = Churn(server.token, path, rate)
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Paced(job), "127.0.0.1", server.port, ssl=context)
    sizes = []
    for minute in range(1, minutes + 1):
        cpu, number, began = server.cpu_s(), job.number, time.monotonic()
        await asyncio.sleep(60)
        sizes.append(server.memory_mb())
        busy = 100 * (server.cpu_s() - cpu) / (time.monotonic() - began)
        stored = sum(file.stat().st_size for file in (server.directory / "data").glob("store*")) / 1e6
        print(
            f"minute {minute:>2}: {sizes[-1]:6.1f} MB, processor {busy:4.1f} %, {job.number - number} lives, "
            f"database {stored:.0f} MB",
            flush=True,
        )
    return sizes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=500)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name:
        server = api.Server(Path(name), "--etcd-compaction-interval=60s")
        try:
            api.namespace(server, "bench")
            path = "/api/v1/namespaces/bench/configmaps"
            with server.watchers(5, sys.maxsize, f"{path}?watch=1"):
                sizes = uvloop.run(churn(server, path, args.rate, args.minutes))
        finally:
            server.stop()
    calm = sizes[-1] <= sizes[len(sizes) * 2 // 3 - 1] * GROWTH
    print("levels off" if calm else "still grows")
    return 0 if calm else 1


if __name__ == "__main__":
    sys.exit(main())
