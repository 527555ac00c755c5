"""API servers as processes of their own, on one etcd; and clients that follow what they serve."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
from tests.waiting import until

from kajitori.client.config import RestConfig
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError
from kajitori.testing.ports import free_port

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


class ServerProcess:
    """One `kajitori apiserver`; servers that share `pki` share their CA and signing key."""

    def __init__(self, directory: Path, *arguments: str, advertise: str = "192.0.2.1") -> None:
        self.directory, self.port = directory, free_port()
        self.token = secrets.token_urlsafe(16)
        directory.mkdir(parents=True, exist_ok=True)
        tokens = directory / "tokens.csv"
        tokens.write_text(f"{self.token},tester,1,system:masters\n")
        self.log = directory / "log"
        self.command = [
            str(Path(sys.executable).parent / "kajitori"),
            "apiserver",
            f"--data-dir={directory / 'data'}",
            "--bind-address=127.0.0.1",
            f"--advertise-address={advertise}",
            f"--secure-port={self.port}",
            f"--token-auth-file={tokens}",
            *arguments,
        ]
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> "ServerProcess":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=dict(os.environ))  # noqa: ASYNC220
        await until(self._ready, f"the server is ready: {self.log}", 40)
        return self

    async def _ready(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.log.read_text()
        if not (self.directory / "data/pki/ca.crt").exists():
            return False
        client = self.client()
        try:
            return (await client.raw("GET", "/readyz")).status == 200
        except (OSError, StatusError):
            return False
        finally:
            await client.close()

    def client(self) -> RawClient:
        ca = (self.directory / "data/pki/ca.crt").read_bytes()
        return RawClient(RestConfig(server=f"https://127.0.0.1:{self.port}", ca_data=ca, token=self.token))

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        """The exit code of a server that has been told to stop."""
        assert self.process is not None
        return self.process.wait(20)


async def get(client: RawClient, path: str) -> dict[str, Any]:
    return orjson.loads((await client.raw("GET", path)).body)


async def send(client: RawClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    data = b"" if body is None else orjson.dumps(body)
    return orjson.loads((await client.raw(method, path, body=data, content_type="application/json")).body)


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def as_item(obj: dict[str, Any]) -> dict[str, Any]:
    """An object as lists hold it: events say its kind and apiVersion, items of lists of built-in kinds do not."""
    return {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}


class Follower:
    """A client that lists and watches, as an informer does: `objects` is what it believes."""

    def __init__(self, client: RawClient, path: str) -> None:
        self._client, self._path = client, path
        self.objects: dict[str, dict[str, Any]] = {}
        self.version = 0

    async def run(self) -> None:
        while True:
            try:
                found = await get(self._client, self._path)
                self.objects = {item["metadata"]["name"]: item for item in found["items"]}
                self.version = int(found["metadata"]["resourceVersion"])
                await self._watch()
            except (OSError, StatusError):
                await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        query = [("watch", "true"), ("resourceVersion", str(self.version))]
        async with self._client.raw_stream("GET", self._path, query=query) as stream:
            rest = b""
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if not self._take(orjson.loads(line)):
                        return

    def _take(self, event: dict[str, Any]) -> bool:
        if event["type"] == "ERROR":
            return False
        obj = event["object"]
        version = int(obj["metadata"]["resourceVersion"])
        assert version > self.version, "events come in order, none twice"
        self.version = version
        if event["type"] == "DELETED":
            del self.objects[obj["metadata"]["name"]]
        else:
            self.objects[obj["metadata"]["name"]] = as_item(obj)
        return True
