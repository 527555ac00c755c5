"""Real clusters: a registry with the tutorials' images, a home of their own, and the commands as a user runs them.

Needs root and the packages of `scripts/install --tests`. Nothing reaches outside this machine: the clusters are isolated.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.images.registry import Registry

from kajitori.client.raw import RawClient
from kajitori.cluster import access, profile
from kajitori.cluster.paths import Home
from kajitori.cluster.profile import Profile

BIN = Path(sys.prefix) / "bin"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is end-to-end, and impossible without root."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if os.geteuid() != 0:
                item.add_marker(pytest.mark.skip(reason="a cluster needs root"))


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass(frozen=True)
class Workspace:
    """One user's environment: a home for clusters, a kubeconfig, a mirror."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def home(self) -> Home:
        return Home(self.folder / ".minikube")

    def run(self, *argv: str, stdin: str = "", timeout_s: float = 120) -> Done:
        program = BIN / argv[0]
        words = [str(program) if program.exists() else argv[0], *argv[1:]]
        done = subprocess.run(
            words, env=dict(self.environ), input=stdin, capture_output=True, text=True, timeout=timeout_s, check=False
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *argv: str, stdin: str = "", timeout_s: float = 120) -> str:
        """Run a command that must succeed; its stdout."""
        done = self.run(*argv, stdin=stdin, timeout_s=timeout_s)
        assert done.code == 0, f"{' '.join(argv)}: {done}"
        return done.out

    def cluster(self, name: str = "minikube") -> Profile:
        return profile.load(self.home, name)

    def api(self, path: str, *, method: str = "GET", body: Any = None, name: str = "minikube") -> Any:
        """One request to a cluster's API server."""

        async def ask() -> Any:
            client = RawClient(access.rest_config(self.home, self.cluster(name)))
            try:
                return orjson.loads((await client.raw(method, path, body=body)).body)
            finally:
                await client.close()

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    with Registry() as running:
        yield running


@pytest.fixture(scope="module")
def workspace(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A home without clusters; what a test leaves in it is deleted."""
    folder = tmp_path_factory.mktemp("home")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MINIKUBE", "KAJITORI"))}
    environ |= {
        "HOME": str(folder),
        "MINIKUBE_HOME": str(folder),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "KAJITORI_ISOLATED": "1",
        "KAJITORI_REGISTRY_MIRROR": registry.url,
        "MINIKUBE_IN_STYLE": "false",
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    made = Workspace(folder, environ)
    yield made
    made.run("minikube", "delete", "--all")


@pytest.fixture(scope="module")
def cluster(workspace: Workspace) -> Workspace:
    """A running one-node cluster."""
    workspace.ok("minikube", "start")
    return workspace
