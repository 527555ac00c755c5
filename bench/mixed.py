"""Latencies while much else goes on: `python bench/mixed.py [--quick]`.

get and create over 16 and 64 connections: alone, beside 1,000 watches that hear nothing, beside 50 that hear every
create, beside 20 clients that asked for a watch of everything and never read, beside a reader of large lists, and while
history is compacted every second. For each the rate, p50 and p99, the server's processor time per request, its memory.
"""

import contextlib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import api

NEVER = 1 << 40  # events that a watcher waits for


def measure(server: api.Server, what: str, round_: int, count: int) -> None:
    """Gets and creates over 16 and 64 connections; `round_` keeps the names apart."""
    print(f"-- {what}", flush=True)
    for connections in (16, 64):
        path = "/api/v1/namespaces/bench/pods/pod-7"
        seconds, note = server.load("GET", 4 * count, path, connections=connections)
        print(f"get,    {connections} connections {4 * count / seconds:>10.0f}/s   {note}", flush=True)
        name = f"r{round_}-{connections}-%d"
        body = {**api.CONFIG_MAP, "metadata": {"name": name, "namespace": "watched"}}
        seconds, note = server.load("POST", count, "/api/v1/namespaces/watched/configmaps", body, connections)
        print(f"create, {connections} connections {count / seconds:>10.0f}/s   {note}", flush=True)
    print(f"memory {server.memory_mb():.0f} MB", flush=True)


@contextlib.contextmanager
def deaf(server: api.Server, count: int) -> Iterator[None]:
    """Clients that ask for a watch of all Pods and ConfigMaps from the start, and never read a byte of it."""
    context = ssl.create_default_context(cafile=server.ca)
    with contextlib.ExitStack() as stack:
        for number in range(count):
            plain = socket.socket()
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.connect(("127.0.0.1", server.port))
            tls = stack.enter_context(context.wrap_socket(plain, server_hostname="127.0.0.1"))
            kind = "pods" if number % 2 else "configmaps"
            head = f"GET /api/v1/{kind}?watch=1&resourceVersion=0 HTTP/1.1\r\nHost: x\r\n"
            tls.sendall(f"{head}Authorization: Bearer {server.token}\r\n\r\n".encode())
        yield


@contextlib.contextmanager
def lister(server: api.Server) -> Iterator[None]:
    """A client that lists all Pods again and again."""
    arguments = [str(server.port), server.ca, server.token, "GET", "1000000", "1", "-", "/api/v1/pods"]
    process = subprocess.Popen([sys.executable, str(api.HERE / "loadgen.py"), *arguments])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def main() -> None:
    count, pods = (500, 1_000) if "--quick" in sys.argv else (3_000, 11_000)
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name:
        server = api.Server(Path(name), "--etcd-compaction-interval=1s")
        try:
            for space in ("bench", "watched", "quiet"):
                api.namespace(server, space)
            server.load("POST", pods, "/api/v1/namespaces/bench/pods", api.POD)
            measure(server, "alone", 0, count)
            quiet, watched = (f"/api/v1/namespaces/{space}/configmaps?watch=1" for space in ("quiet", "watched"))
            with server.watchers(1_000, NEVER, quiet):
                measure(server, "1,000 watches that hear nothing", 1, count)
                before = server.cpu_s()
                time.sleep(5)
                print(f"idle with them: processor {20 * (server.cpu_s() - before):.2f} %")
            with server.watchers(50, NEVER, watched):
                measure(server, "50 watches that hear every create", 2, count)
            with deaf(server, 20):
                measure(server, "20 watches that nobody reads", 3, count)
            with lister(server):
                measure(server, f"lists of {pods} Pods, one after the other", 4, count)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
