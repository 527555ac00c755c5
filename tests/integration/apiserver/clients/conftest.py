"""One server for all clients, and a namespace of its own for each test."""

import json
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import peers

from kajitori.testing import ControlPlane
from kajitori.testing.etcd import Etcd, available

STORES = ("memory", "etcd3")
ANY_STORE = ("test_explain_knows_every_kind",)
"""What touches no object: once is enough."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every client meets a server that keeps its objects in memory, and one on etcd."""
    if "control_plane" in metafunc.fixturenames:
        stores = STORES[:1] if metafunc.function.__name__ in ANY_STORE else STORES
        metafunc.parametrize("control_plane", stores, indirect=True, scope="session")


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    if request.param == "memory":
        with ControlPlane() as control_plane:
            yield control_plane
        return
    if not available():
        pytest.skip("there is no etcd here")
    with Etcd(tmp_path_factory.mktemp("etcd")) as etcd:
        with ControlPlane(storage="etcd3", etcd_servers=(etcd.url,)) as control_plane:
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
        request.node.name.replace("_", "-").replace("[", "-").replace("]", "").replace(".", "")[:52].strip("-").lower()
        + f"-{zlib.crc32(request.node.name.encode()):08x}"  # names that begin alike
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
