"""Etcd: a real etcd for one test session, on free loopback ports, without TLS unless it is given certificates.

May import: testing.ports.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kajitori.testing.ports import free_port

START_TIMEOUT_S = 30.0


def available() -> bool:
    """Whether there is an etcd to start."""
    return shutil.which("etcd") is not None


class Etcd:
    """`with Etcd(directory) as etcd: … etcd.url`."""

    def __init__(self, directory: Path, *, arguments: tuple[str, ...] = (), scheme: str = "http") -> None:
        self.directory = directory
        self.port, self._peer, self._health = free_port(), free_port(), free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start (again, with the data that is there) and wait until it serves."""
        peer = f"http://127.0.0.1:{self._peer}"
        environment = {**os.environ, "ETCD_UNSUPPORTED_ARCH": os.uname().machine}
        with (self.directory / "etcd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "etcd",
                    f"--data-dir={self.directory / 'data'}",
                    f"--listen-client-urls={self.url}",
                    f"--advertise-client-urls={self.url}",
                    f"--listen-peer-urls={peer}",
                    f"--initial-advertise-peer-urls={peer}",
                    f"--initial-cluster=default={peer}",
                    f"--listen-metrics-urls=http://127.0.0.1:{self._health}",
                    "--logger=zap",
                    "--log-level=warn",
                    *self._arguments,
                ],
                stdout=log,
                stderr=log,
                env=environment,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._health}/health", timeout=1) as answer:
                    if json.load(answer)["health"] == "true":
                        return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"etcd did not start: {(self.directory / 'etcd.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it at once; a later `start` finds what was written."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def clear(self) -> None:
        """Remove every key."""
        self._post("kv/deleterange", {"key": "AA==", "range_end": "AA=="})

    def _post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/v3/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
