"""Many watchers in one process: opens N watches over TLS, counts events, says how long the last of them took.

Run by bench/api.py:  watchload.py PORT CA TOKEN WATCHERS EVENTS PATH
Prints `ready` when all watch, then (once each has its EVENTS) the seconds from first to last event, and the bytes.
"""

import asyncio
import ssl
import sys
import time

import uvloop

END = b"}\n"  # how a frame ends; a chunk's own line break is \r\n


class Watcher(asyncio.Protocol):
    """One watch: counts the events in its chunked body without decoding them."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        self.events = 0
        self.last = b""
        self.head = b""

    def connection_made(self, transport) -> None:
        transport.write(self.job.request)

    def data_received(self, data: bytes) -> None:
        if self.head is not None:
            self.head += data
            before, found, data = self.head.partition(b"\r\n\r\n")
            if not found:
                return
            self.head = None
            assert b" 200 " in before, before
            self.job.opened()
            if not data:
                return
        self.job.received += len(data)
        self.events += data.count(END) + (self.last == b"}" and data[:1] == b"\n")
        self.last = data[-1:]
        self.job.saw(self)


class Job:
    """What all watchers share."""

    def __init__(self, token: str, path: str, watchers: int, events: int) -> None:
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        self.waiting = self.unfinished = watchers
        self.events = events
        self.received = 0
        self.started = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        self.waiting -= 1
        if self.waiting == 0:
            print("ready", flush=True)

    def saw(self, watcher: Watcher) -> None:
        """Ends the job when every watcher has had its events."""
        self.started = self.started or time.perf_counter()
        if watcher.events == self.events:
            watcher.events += 1  # counted once
            self.unfinished -= 1
            if self.unfinished == 0:
                self.done.set_result(time.perf_counter())


async def main(port: str, ca: str, token: str, watchers: str, events: str, path: str) -> None:
    context = ssl.create_default_context(cafile=ca)
    loop = asyncio.get_running_loop()
    job = Job(token, path, int(watchers), int(events))
    await asyncio.gather(
        *(
            loop.create_connection(
                lambda: Watcher(job), "127.0.0.1", int(port), ssl=context, server_hostname="127.0.0.1"
            )
            for _ in range(int(watchers))
        )
    )
    ended = await job.done
    print(f"{ended - job.started:.4f} {job.received}", flush=True)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
