"""A server on each durable store, and the real kubectl in a namespace of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.apiserver.servedfrom import served_from
from tests.integration.commandline import Kubectl

from kajitori.testing import ControlPlane


@pytest.fixture(scope="session", params=["sqlite", "etcd3"])
def control_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Every client is tried against a server on each durable store."""
    with served_from(request.param, tmp_path_factory) as control_plane:
        yield control_plane


@pytest.fixture
def kubectl(control_plane: ControlPlane, kubectl_binary: str, tmp_path: Path, namespace: str) -> Kubectl:
    """kubectl as the admin, in the test's namespace."""
    text = control_plane.kubeconfig.read_text()
    own = tmp_path / "kubeconfig"
    own.write_text(text.replace("    cluster: kubernetes\n", f"    cluster: kubernetes\n    namespace: {namespace}\n"))
    return Kubectl(kubectl_binary, own, tmp_path)
