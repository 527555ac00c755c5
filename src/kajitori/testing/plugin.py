"""The pytest plugin: fixtures `kube_apiserver` (a running API server) and `kubeconfig` (its admin kubeconfig file).

Loaded by every pytest run on a machine where Kajitori is installed, so it imports nothing until a fixture is used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kajitori.testing.controlplane import ControlPlane


@pytest.fixture(scope="session")
def kube_apiserver() -> "Iterator[ControlPlane]":
    """An API server of its own for this test session: in memory, on a free port, in a thread."""
    from kajitori.testing.controlplane import ControlPlane

    with ControlPlane() as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def kubeconfig(kube_apiserver: "ControlPlane") -> Path:
    """The path of a kubeconfig with cluster-admin rights on `kube_apiserver`."""
    return kube_apiserver.kubeconfig
