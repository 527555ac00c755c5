"""Benchmarks of the API server: `python bench/api.py [--quick]`. Each figure is printed beside its target.

The server is `kajitori apiserver` as a user starts it (TLS, RBAC, admission, SQLite with synchronous=FULL), the load
comes from another process over 16 connections.
"""

import os
import subprocess
import sys
import tempfile
import time
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
        "labels": {"app": "web", "tier": "frontend", "number": "n%d"},
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


class Server:
    """One `kajitori apiserver` process."""

    def __init__(self, directory: Path) -> None:
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
            ],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(directory / "log").open("w"),
        )
        self.start_s = self._wait_ready(started)

    @property
    def ca(self) -> str:
        return str(self.directory / "data/pki/ca.crt")

    def _wait_ready(self, started: float) -> float:
        import http.client
        import ssl

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

    def load(self, method: str, count: int, path: str, body: object = None, connections: int = 16) -> tuple[float, str]:
        template = "-"
        if body is not None:
            file = self.directory / "body.json"
            file.write_bytes(orjson.dumps(body))
            template = str(file)
        arguments = [str(self.port), self.ca, self.token, method, str(count), str(connections), template, path]
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


def main() -> None:
    quick = "--quick" in sys.argv
    pods = 2_000 if quick else 11_000
    with tempfile.TemporaryDirectory(prefix="kajitori-bench-") as name:
        directory = Path(name)
        Server(directory).stop()  # compiles bytecode and makes the certificates
        for leftover in (directory / "data").glob("store*"):
            leftover.unlink()
        server = Server(directory)
        try:
            show("start until /readyz, empty store", f"{server.start_s:.2f} s", "<= 1.0 s")
            show("memory, idle", f"{server.memory_mb():.0f} MB", "")
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}}
            server.load("POST", 1, "/api/v1/namespaces", namespace, 1)
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
            server.load("POST", 1, "/api/v1/namespaces/bench/serviceaccounts", account, 1)
            seconds, note = server.load("POST", pods, "/api/v1/namespaces/bench/pods", POD)
            show("create Pods (16 connections)", f"{pods / seconds:.0f}/s", ">= 1000/s", note)
            seconds, note = server.load("POST", pods, "/api/v1/namespaces/bench/configmaps", CONFIG_MAP)
            show("create ConfigMaps", f"{pods / seconds:.0f}/s", ">= 3500/s *", note)
            gets = 5_000 if quick else 20_000
            seconds, note = server.load("GET", gets, "/api/v1/namespaces/bench/pods/pod-7")
            show("get a Pod", f"{gets / seconds:.0f}/s", ">= 12000/s *", note)
            seconds, note = server.load("GET", 5, "/api/v1/pods", connections=1)
            show(f"list {pods} Pods", f"{seconds / 5:.3f} s", "<= 0.12 s *", note)
            seconds, note = server.load("GET", 10, "/api/v1/pods?labelSelector=number%3Dn7", connections=1)
            show("list by label", f"{seconds * 100:.1f} ms", "<= 10 ms *", note)
            show("memory", f"{server.memory_mb():.0f} MB", "<= 400 MB *")
        finally:
            server.stop()
        again = Server(directory)
        try:
            show(f"start with {2 * pods} objects", f"{again.start_s:.2f} s", "<= 2 s *", "(40,000 objects)")
        finally:
            again.stop()
    print("* a target of the issue that follows")


if __name__ == "__main__":
    main()
