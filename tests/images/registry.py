"""A real registry (Debian's docker-registry) on this machine's loopback, filled with the catalog's images.

Clusters take it as the mirror of every registry host, so a pull is a real pull and a name that is not in the catalog is
really not found. `Registry` is a context manager for tests; `python -m tests.images` keeps one for `make start`.
"""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin

from tests.images import catalog

from kajitori.cluster.imagebuild.oci import MANIFEST, Image

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "build/test-images"

CONFIG = """version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: {storage}
http:
  addr: 127.0.0.1:{port}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def split_name(name: str) -> tuple[str, str]:
    """Repository and tag as the registry knows them: a mirror is asked without the registry's host."""
    path, _, tag = name.rpartition(":")
    return path.partition("/")[2], tag


class Registry:
    """One running registry; its storage stays in `folder` between runs."""

    def __init__(
        self, folder: Path = DEFAULT_FOLDER, port: int = 0, recipes: Callable[[Path], catalog.Recipes] = catalog.recipes
    ) -> None:
        self.folder = folder
        self.recipes = recipes
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Registry":
        self.start()
        self.fill()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, detached: bool = False) -> int:
        """Start the server and wait until it answers; returns its process id."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / f"registry-{self.port}.yml"
        config.write_text(CONFIG.format(storage=self.folder / "registry", port=self.port))
        env = {k: v for k, v in os.environ.items() if not k.startswith("REGISTRY_")}
        with (self.folder / "registry.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["docker-registry", "serve", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                start_new_session=detached,
            )
        deadline = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"docker-registry did not start; see {self.folder / 'registry.log'}")
            time.sleep(0.02)
        config.unlink()
        return self.process.pid

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/v2/", timeout=1):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def fill(self) -> None:
        """Build and push every image that is not there as its recipe makes it now."""
        marks = self.folder / "pushed.json"
        pushed: dict[str, str] = json.loads(marks.read_text()) if marks.exists() else {}
        for name, (sources, make) in self.recipes(self.folder).items():
            wanted = catalog.recipe_digest(sources)
            if pushed.get(name) == wanted and self.has(name):
                continue
            self.push(name, make())
            pushed[name] = wanted
            marks.write_text(json.dumps(pushed, indent=2))

    def has(self, name: str) -> bool:
        repository, tag = split_name(name)
        status, _ = self.request("HEAD", f"/v2/{repository}/manifests/{tag}", accept=MANIFEST)
        return status == 200

    def push(self, name: str, image: Image) -> None:
        """Blobs first, then the manifest that makes them an image."""
        repository, tag = split_name(name)
        for digest, blob in image.blobs.items():
            if digest == image.manifest_digest:
                continue
            status, _ = self.request("HEAD", f"/v2/{repository}/blobs/{digest}")
            if status == 200:
                continue
            _, headers = self.request("POST", f"/v2/{repository}/blobs/uploads/")
            place = urljoin(self.url, headers["Location"])
            join = "&" if "?" in place else "?"
            status, _ = self.request("PUT", f"{place}{join}digest={digest}", body=blob)
            if status != 201:
                raise RuntimeError(f"push of {digest} to {repository}: {status}")
        status, _ = self.request("PUT", f"/v2/{repository}/manifests/{tag}", body=image.manifest, content_type=MANIFEST)
        if status != 201:
            raise RuntimeError(f"push of {name}: {status}")

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        content_type: str = "application/octet-stream",
        accept: str = "",
    ) -> tuple[int, Mapping[str, str]]:
        headers = {"Content-Type": content_type, **({"Accept": accept} if accept else {})}
        data = body if method in ("PUT", "POST") else None
        request = urllib.request.Request(urljoin(self.url, path), data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers
