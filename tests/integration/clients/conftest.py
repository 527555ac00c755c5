"""One server for all clients, and a namespace of its own for each test."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import peers

from kajitori.testing import ControlPlane


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    with ControlPlane() as control_plane:
        yield control_plane


class Cli:
    """A command line with the admin's rights; `ok` must succeed, `fails` must not."""

    def __init__(self, words: list[str], home: Path) -> None:
        self.words, self.home = words, home

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.words, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "KUBE_EDITOR": "sed -i s/before/after/"},
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, (arguments, done.stderr, done.stdout)
        return done.stdout

    def fails(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, (arguments, done.stdout)
        return done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))


@pytest.fixture
def namespace(control_plane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    name = (
        request.node.name.replace("_", "-").replace("[", "-").replace("]", "").replace(".", "")[:60].strip("-").lower()
    )
    admin = Cli([peers.find("kubectl"), "--kubeconfig", str(control_plane.kubeconfig)], tmp_path)
    admin.ok("create", "namespace", name)
    admin.ok("create", "serviceaccount", "default", "-n", name)
    return name


@pytest.fixture
def cli(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Callable[[str], Cli]:
    """`cli("kubectl")`, `cli("kubectl-newest")`, `cli("helm")` in the test's namespace."""

    def make(name: str) -> Cli:
        return Cli([peers.find(name), "--kubeconfig", str(control_plane.kubeconfig), "-n", namespace], tmp_path)

    return make
