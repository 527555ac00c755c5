"""What tests of the API server stand on: a server, kubectl and plain HTTPS that speak to it or to a server of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.integration.apiserver.plainhttps import Api
from tests.integration.commandline import Kubectl, new_namespace

from kajitori.testing import ControlPlane


@pytest.fixture
def kubectl_for(kubectl_binary: str, tmp_path: Path) -> Callable[[ControlPlane], Kubectl]:
    return lambda server: Kubectl(kubectl_binary, server.kubeconfig, tmp_path)


@pytest.fixture(scope="session")
def server() -> Iterator[ControlPlane]:
    """Nodes are held to what is theirs, and bootstrap tokens count, as kubeadm has it."""
    options = {"authorization_mode": ("Node", "RBAC"), "enable_admission_plugins": ("NodeRestriction",)}
    with ControlPlane(enable_bootstrap_token_auth=True, **options) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def admin(server: ControlPlane) -> Api:
    return Api(server, token=server.admin_token)


@pytest.fixture(scope="session")
def kubectl(server: ControlPlane, kubectl_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """kubectl as the admin of `server`."""
    return Kubectl(kubectl_binary, server.kubeconfig, tmp_path_factory.mktemp("home"))


@pytest.fixture
def namespace(control_plane: ControlPlane, kubectl_binary: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A namespace of this test's own, with the ServiceAccount that Pods need."""
    return new_namespace(Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path), request.node.name)
