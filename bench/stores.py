"""The API server on etcd beside the embedded SQLite: `python bench/stores.py [--quick]`. Needs Debian's etcd-server.

The same load on both, first the one, then the other; the processor time of the API server and of etcd stand beside the
rates. Both sync to disk before they answer a write; with etcd a read that has to be fresh asks it for its revision.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import api

from kajitori.testing.ports import free_port


@contextlib.contextmanager
def etcd(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """One etcd server, and its address."""
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    process = subprocess.Popen(
        [
            "etcd",
            f"--data-dir={directory / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=(directory / "etcd.log").open("w"),
    )
    try:
        yield process, client
    finally:
        process.terminate()
        process.wait(15)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(directory: Path, flags: list[str], beside: int | None, scale: int) -> Iterator[tuple[str, str, str]]:
    """(what, figure, note) of each measurement on one store."""
    server = api.Server(directory, *flags)

    def load(what: str, method: str, count: int, path: str, body: object = None, **more: object) -> Iterator[tuple]:
        before = cpu_s(beside) if beside else 0.0
        seconds, note = server.load(method, count, path, body, **more)
        if beside:
            note += f", etcd {1000 * (cpu_s(beside) - before) / count:.2f} ms"
        yield what, f"{count / seconds:.0f}/s", note

    try:
        yield "start until /readyz, empty store", f"{server.start_s:.2f} s", ""
        api.namespace(server, "bench")
        api.namespace(server, "watched")
        maps = "/api/v1/namespaces/bench/configmaps"
        yield from load("create Pods", "POST", 500 * scale, "/api/v1/namespaces/bench/pods", api.POD)
        yield from load("create ConfigMaps", "POST", 500 * scale, maps, api.CONFIG_MAP)
        yield from load("create ConfigMaps, one by one", "POST", 100, maps, _named("one"), connections=1)
        yield from load("update ConfigMaps", "PUT", 500 * scale, f"{maps}/cm-%d", _named("cm", {"key": "changed"}))
        yield from load("get a Pod", "GET", 1000 * scale, "/api/v1/namespaces/bench/pods/pod-7")
        yield from load("get a Pod, one by one", "GET", 500, "/api/v1/namespaces/bench/pods/pod-7", connections=1)
        yield from load("list all Pods", "GET", 10, "/api/v1/pods", connections=1)
        yield from load("delete ConfigMaps", "DELETE", 500 * scale, f"{maps}/cm-%d")
        seconds, note = server.watch(50, 500, api.CONFIG_MAP_WATCHED)
        yield "50 watchers, 500 creates", f"{25_000 / seconds:.0f} events/s", note
    finally:
        server.stop()
    again = api.Server(directory, *flags)
    yield f"start with {500 * scale} Pods", f"{again.start_s:.2f} s", ""
    again.stop()


def _named(prefix: str, data: object = None) -> dict[str, object]:
    metadata = {"name": f"{prefix}-%d", "namespace": "bench"}
    return {**api.CONFIG_MAP, "metadata": metadata, "data": data or api.CONFIG_MAP["data"]}


def main() -> None:
    scale = 2 if "--quick" in sys.argv else 10
    for store in ("sqlite", "etcd"):
        with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name, contextlib.ExitStack() as stack:
            flags, beside = [], None
            if store == "etcd":
                process, address = stack.enter_context(etcd(Path(name)))
                flags, beside = [f"--etcd-servers={address}"], process.pid
                time.sleep(1)  # it elects itself
            for what, figure, note in measure(Path(name), flags, beside, scale):
                print(f"{store:<8}{what:<36}{figure:>16}   {note}", flush=True)


if __name__ == "__main__":
    main()
