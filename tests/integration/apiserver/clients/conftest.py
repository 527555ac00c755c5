"""One server for all clients, and a namespace of its own for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests import peers
from tests.integration.apiserver.clients.balancer import Balanced, balanced
from tests.integration.apiserver.servedfrom import served_from
from tests.integration.commandline import CommandLine

from kajitori.testing import ControlPlane
from kajitori.testing.etcd import available

TWO = "two servers on etcd3"
STORES = ("memory", TWO)
ANY_STORE = ("test_explain_knows_every_kind",)
"""What touches no object: once is enough."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every client meets a server that keeps its objects in memory, and two in turn that share an etcd."""
    if "control_plane" in metafunc.fixturenames:
        stores = STORES[:1] if metafunc.function.__name__ in ANY_STORE else STORES
        metafunc.parametrize("control_plane", stores, indirect=True, scope="session")


@pytest.fixture(scope="session")
def control_plane(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane | Balanced]:
    if request.param == TWO:
        if not available():
            pytest.skip("there is no etcd here")
        with balanced(tmp_path_factory.mktemp("balanced")) as servers:
            yield servers
        return
    with served_from(request.param, tmp_path_factory) as control_plane:
        yield control_plane


@pytest.fixture
def cli(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Callable[[str], CommandLine]:
    """`cli("kubectl")`, `cli("kubectl-newest")`, `cli("helm")` in the test's namespace."""
    where = ("--kubeconfig", str(control_plane.kubeconfig), "--namespace", namespace)
    editor = {"KUBE_EDITOR": "sed -i s/before/after/"}
    return lambda name: CommandLine(peers.find(name), *where, home=tmp_path, environ=editor)
