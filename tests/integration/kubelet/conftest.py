"""One private containerd for all tests here, and kubelets as real processes beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.kubelet.kubeletprocess import KubeletProcess
from tests.integration.kubelet.privatecontainerd import Containerd, containerd


@pytest.fixture(scope="session")
def runtime() -> Iterator[Containerd]:
    with containerd() as daemon:
        yield daemon


@pytest.fixture
def node(runtime: Containerd, tmp_path: Path) -> Iterator[KubeletProcess]:
    """A kubelet that is not started yet; at the end its Pods are ended and its cgroups removed."""
    node = KubeletProcess(runtime, tmp_path)
    try:
        yield node
    finally:
        node.clean_up()
