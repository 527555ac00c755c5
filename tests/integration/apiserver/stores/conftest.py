"""The real kubectl against a server of our own."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kajitori.testing import ControlPlane, etcd


class Kubectl:
    """Runs kubectl; `ok` must succeed, `fails` must not."""

    def __init__(self, binary: str, kubeconfig: Path, home: Path) -> None:
        self.binary, self.kubeconfig, self.home = binary, kubeconfig, home

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binary, "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"},
        )

    def ok(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *arguments: str, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))


@pytest.fixture(scope="session", params=["sqlite", "etcd3"])
def control_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Every client is tried against a server on each durable store."""
    data_dir = tmp_path_factory.mktemp("apiserver")
    if request.param == "sqlite":
        with ControlPlane(storage="sqlite", data_dir=data_dir) as control_plane:
            yield control_plane
        return
    if not etcd.available():
        pytest.skip("no etcd on this machine")
    with (
        etcd.Etcd(tmp_path_factory.mktemp("etcd")) as server,
        ControlPlane(storage="etcd3", etcd_servers=(server.url,), data_dir=data_dir) as control_plane,
    ):
        yield control_plane


@pytest.fixture
def namespace(control_plane: ControlPlane, kubectl_binary: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A namespace of this test's own, with the ServiceAccount that pods need."""
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60].strip("-").lower()
    admin = Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path)
    admin.ok("create", "namespace", name)
    admin.ok("create", "serviceaccount", "default", "-n", name)
    return name


@pytest.fixture
def kubectl(control_plane: ControlPlane, kubectl_binary: str, tmp_path: Path, namespace: str) -> Kubectl:
    """kubectl as the admin, in the test's namespace."""
    text = control_plane.kubeconfig.read_text()
    own = tmp_path / "kubeconfig"
    own.write_text(text.replace("    cluster: kubernetes\n", f"    cluster: kubernetes\n    namespace: {namespace}\n"))
    return Kubectl(kubectl_binary, own, tmp_path)


Run = Callable[..., str]
