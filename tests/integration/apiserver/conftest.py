"""What tests of the API server stand on: a server, kubectl and plain HTTPS that speak to it or to a server of the test's own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.apiserver.plainhttps import Api, Asked, ask_server

from kajitori.testing import ControlPlane


class Kubectl:
    """Runs kubectl against one server."""

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

    def create(self, *objects: Any) -> None:
        for obj in objects:
            self.ok("create", "-f", "-", stdin=json.dumps(obj))

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "-o", "json"))


@pytest.fixture
def kubectl_for(kubectl_binary: str, tmp_path: Path) -> Callable[[ControlPlane], Kubectl]:
    return lambda server: Kubectl(kubectl_binary, server.kubeconfig, tmp_path)


@pytest.fixture
def ask() -> Callable[..., Asked]:
    return ask_server


@pytest.fixture(scope="session")
def server() -> Iterator[ControlPlane]:
    options = {"authorization_mode": ("Node", "RBAC"), "enable_admission_plugins": ("NodeRestriction",)}
    with ControlPlane(enable_bootstrap_token_auth=True, **options) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def admin(server: ControlPlane) -> Api:
    return Api(server, token=server.admin_token)


@pytest.fixture(scope="session")
def kubectl(server: ControlPlane, kubectl_binary: str) -> Any:
    def run(*args: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [kubectl_binary, "--kubeconfig", str(server.kubeconfig), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, input=stdin, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run
