"""Benchmarks of the API server: `python bench/api.py [--quick]`. Each figure is printed beside its target.

The server is `kajitori apiserver` as a user starts it (TLS, RBAC, admission, SQLite with synchronous=FULL), the load
comes from another process over 16 connections.
"""

import http.client
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from kajitori.testing.ports import free_port

HERE = Path(__file__).parent
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "pod-%d",
        "namespace": "bench",
        "labels": {"app": "web", "tier": "frontend", "number": "n%d", "part": "p%h"},
        "annotations": {"example.com/build": "4f2d8a1c", "example.com/owner": "team-a"},
    },
    "spec": {
        "automountServiceAccountToken": False,
        "containers": [
            {
                "name": "web",
                "image": "registry.example.com/web:1.2.3",
                "ports": [{"containerPort": 8080, "name": "http"}],
                "env": [{"name": "MODE", "value": "production"}, {"name": "LEVEL", "value": "info"}],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
            }
        ],
    },
}
CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "cm-%d", "namespace": "bench"},
    "data": {"key": "value" * 20},
}
CONFIG_MAP_WATCHED = {**CONFIG_MAP, "metadata": {"name": "cm-%d", "namespace": "watched"}}
JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


class Server:
    """One `kajitori apiserver` process."""

    def __init__(self, directory: Path, *flags: str) -> None:
        self.directory = directory
        self.port = free_port()
        self.token = "bench-token"
        (directory / "tokens.csv").write_text(f"{self.token},bench,1,system:masters\n")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "kajitori"),
                "apiserver",
                f"--data-dir={directory / 'data'}",
                f"--secure-port={self.port}",
                "--bind-address=127.0.0.1",
                f"--token-auth-file={directory / 'tokens.csv'}",
                *flags,
            ],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(directory / "log").open("w"),
        )
        self._connection: http.client.HTTPSConnection | None = None
        self.start_s = self._wait_ready(started)

    @property
    def ca(self) -> str:
        return str(self.directory / "data/pki/ca.crt")

    def _wait_ready(self, started: float) -> float:
        while time.perf_counter() - started < 30:
            try:
                context = ssl.create_default_context(cafile=self.ca)
                connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.perf_counter() - started
            except OSError:
                pass
            time.sleep(0.005)
        raise SystemExit(f"the server did not become ready: {(self.directory / 'log').read_text()}")

    def load(
        self,
        method: str,
        count: int,
        path: str,
        body: object = None,
        connections: int = 16,
        accept: str = JSON,
        content_type: str = JSON,
    ) -> tuple[float, str]:
        """Sends `count` requests over `connections`; answers the seconds and a note of latencies and processor time.

        Ends the benchmark when any answer is 300 or more. `%d` in path and body becomes the request's number.
        """
        template = "-"
        if body is not None:
            file = self.directory / "body.json"
            file.write_bytes(orjson.dumps(body))
            template = str(file)
        arguments = [str(self.port), self.ca, self.token, method, str(count), str(connections), template, path]
        arguments += [accept, content_type]
        before = self.cpu_s()
        done = subprocess.run(
            [sys.executable, str(HERE / "loadgen.py"), *arguments], capture_output=True, text=True, check=True
        )
        seconds, p50, p99, received, statuses = done.stdout.strip().split(" ", 4)
        if any(int(code.split(":")[0]) >= 300 for code in statuses.strip("{}").split(", ")):
            raise SystemExit(f"{method} {path}: {statuses}")
        cpu_ms = (self.cpu_s() - before) * 1000 / count
        return float(
            seconds
        ), f"p50 {p50} ms, p99 {p99} ms, server CPU {cpu_ms:.2f} ms each, {int(received) / 1e6:.1f} MB"

    def watch(self, watchers: int, creates: int, body: object, namespace: str = "watched") -> tuple[float, str]:
        """Seconds from the first of `creates` events to the last at the last of the watchers."""
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        with self.watchers(watchers, creates, f"{path}?watch=1&resourceVersion=0") as process:
            before = self.cpu_s()
            self.load("POST", creates, path, body)
            seconds, received = process.communicate(timeout=60)[0].split()
        cpu_us = (self.cpu_s() - before) * 1e6 / (watchers * creates)
        return float(seconds), f"server CPU {cpu_us:.1f} us each with the creates, {int(received) / 1e6:.1f} MB"

    def hear(self, watchers: int, events: int, path: str) -> tuple[float, str]:
        """Seconds until each of the watchers has had `events` events of what is there already."""
        before = self.cpu_s()
        with self.watchers(watchers, events, path) as process:
            seconds, received = process.communicate(timeout=120)[0].split()
        cpu_ms = (self.cpu_s() - before) * 1000 / watchers
        return float(seconds), f"server CPU {cpu_ms:.0f} ms each, {int(received) / 1e6:.1f} MB"

    @contextmanager
    def watchers(self, count: int, events: int, path: str) -> Iterator[subprocess.Popen[str]]:
        """A process that watches with `count` streams until each has had its events."""
        arguments = [str(self.port), self.ca, self.token, str(count), str(events), path]
        process = subprocess.Popen(
            [sys.executable, str(HERE / "watchload.py"), *arguments], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
            process.wait()

    def get(self, path: str) -> bytes:
        """The body of one answer, over a connection that is kept."""
        if self._connection is None:
            context = ssl.create_default_context(cafile=self.ca)
            self._connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        return self._connection.getresponse().read()

    def cpu_s(self) -> float:
        """CPU time of the server so far: says more than the clock on a busy machine."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(text.split("Pss:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)


def show(what: str, figure: str, target: str, note: str = "") -> None:
    print(f"{what:<44}{figure:>14}   target {target:<12} {note}", flush=True)


def namespace(server: Server, name: str) -> None:
    """Made by hand with its default account: no controllers run here."""
    server.load(
        "POST", 1, "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, 1
    )
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    server.load("POST", 1, f"/api/v1/namespaces/{name}/serviceaccounts", account, 1)


def writes(server: Server, pods: int, config_maps: int) -> None:
    """Creates the objects that `reads` then reads."""
    seconds, note = server.load("POST", pods, "/api/v1/namespaces/bench/pods", POD)
    show("create Pods (16 connections)", f"{pods / seconds:.0f}/s", ">= 2000/s", note)
    seconds, note = server.load("POST", config_maps, "/api/v1/namespaces/bench/configmaps", CONFIG_MAP)
    show("create ConfigMaps", f"{config_maps / seconds:.0f}/s", ">= 3500/s", note)


def reads(server: Server, pods: int, gets: int) -> None:
    """Gets and lists; a Table's cells are made once and kept, so the first time stands by itself."""
    seconds, note = server.load("GET", gets, "/api/v1/namespaces/bench/pods/pod-7")
    show("get a Pod", f"{gets / seconds:.0f}/s", ">= 12000/s", note)
    seconds, note = server.load("GET", 10, "/api/v1/pods", connections=1)
    show(f"list {pods} Pods", f"{seconds / 10:.3f} s", "<= 0.12 s", note)
    for how in ("the first time", "again"):
        rounds = 1 if how == "the first time" else 10
        seconds, note = server.load("GET", rounds, "/api/v1/pods", connections=1, accept=TABLE)
        show(f"the same as a Table, {how}", f"{seconds / rounds:.3f} s", "<= 0.15 s", note)
    seconds, note = server.load("GET", 20, "/api/v1/pods?labelSelector=part%3Dp7", connections=1)
    show("list by label, 1 % of them", f"{seconds * 50:.1f} ms", "<= 10 ms", note)


def main() -> None:
    quick = "--quick" in sys.argv
    pods, config_maps, gets = (2_000, 2_000, 5_000) if quick else (11_000, 25_000, 20_000)
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name:
        directory = Path(name)
        Server(directory).stop()  # compiles bytecode and makes the certificates
        for leftover in (directory / "data").glob("store*"):
            leftover.unlink()
        server = Server(directory)
        try:
            show("start until /readyz, empty store", f"{server.start_s:.2f} s", "<= 0.6 s")
            show("memory, idle", f"{server.memory_mb():.0f} MB", "")
            namespace(server, "bench")
            namespace(server, "watched")
            writes(server, pods, config_maps)
            show("memory", f"{server.memory_mb():.0f} MB", "<= 400 MB", f"{pods} Pods, {config_maps} ConfigMaps")
            reads(server, pods, gets)
            seconds, note = server.watch(50, 1_000, CONFIG_MAP_WATCHED)
            show("50 watchers, 1,000 creates", f"{50_000 / seconds:.0f} events/s", ">= 150000/s", note)
            show("memory after all", f"{server.memory_mb():.0f} MB", "<= 400 MB")
        finally:
            server.stop()
        again = Server(directory)
        try:
            objects = pods + config_maps + 1_000
            show(f"start with {objects} objects", f"{again.start_s:.2f} s", "<= 2 s", "(40,000 objects)")
        finally:
            again.stop()


if __name__ == "__main__":
    main()
