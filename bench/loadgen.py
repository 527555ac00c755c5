"""A cheap HTTP/1.1 load generator: N keep-alive TLS connections, one request at a time on each, no pipelining.

Run as its own process by bench/api.py:  loadgen.py PORT CA TOKEN METHOD COUNT CONNECTIONS TEMPLATE PATH [ACCEPT [TYPE]]
`%d` in TEMPLATE (a body file, or "-") and PATH becomes the request's number, `%h` its number modulo 100. Prints seconds
and latency percentiles.
"""

import asyncio
import ssl
import sys
import time
from pathlib import Path

import httptools
import uvloop


class Client(asyncio.Protocol):
    """One connection with one request under way at a time."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        self.parser: httptools.HttpResponseParser | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.job.open += 1
        self.send()

    def send(self) -> None:
        request = self.job.next(self)
        if request is None:
            self.transport.close()
            return
        self.parser = httptools.HttpResponseParser(self)
        self.started = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.job.received += len(data)
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        self.job.finished(time.perf_counter() - self.started, status)
        asyncio.get_running_loop().call_soon(self.send)

    def connection_lost(self, error) -> None:
        self.job.closed()


class Job:
    """What all connections share: what to send, and what came of it."""

    def __init__(
        self,
        method: str,
        count: int,
        connections: int,
        template: bytes,
        path: str,
        token: str,
        accept: str = "application/json",
        content_type: str = "application/json",
    ) -> None:
        self.method, self.count, self.connections = method, count, connections
        self.template, self.path, self.token = template, path, token
        self.accept, self.content_type = accept, content_type
        self.number = 0
        self.open = 0
        self.received = 0
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}
        self.done = asyncio.get_running_loop().create_future()

    def next(self, client: Client) -> bytes | None:
        """The next request, from whichever connection is free; None when all are made."""
        if self.number >= self.count:
            return None
        number = b"%d" % self.number
        self.number += 1
        path = self.path.replace("%d", number.decode())
        body = self.template.replace(b"%d", number).replace(b"%h", b"%d" % (self.number % 100))
        head = (
            f"{self.method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Accept: {self.accept}\r\nContent-Type: {self.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def finished(self, seconds: float, status: int) -> None:
        self.latencies.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def closed(self) -> None:
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


async def main(arguments: list[str], body: bytes) -> None:
    port, ca, token, method, count, connections, _, path, *types = arguments
    context = ssl.create_default_context(cafile=ca)
    job = Job(method, int(count), int(connections), body, path, token, *types)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    await asyncio.gather(
        *(
            loop.create_connection(
                lambda: Client(job), "127.0.0.1", int(port), ssl=context, server_hostname="127.0.0.1"
            )
            for _ in range(job.connections)
        )
    )
    await job.done
    seconds = time.perf_counter() - started
    ordered = sorted(job.latencies)
    p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
    print(f"{seconds:.4f} {p50:.2f} {p99:.2f} {job.received} {job.statuses}")


if __name__ == "__main__":
    template = sys.argv[7]
    uvloop.run(main(sys.argv[1:], b"" if template == "-" else Path(template).read_bytes()))
