"""One private containerd for all tests here, and kubelets as real processes beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.kubelet.realnode import Containerd, KubeletProcess, containerd


@pytest.fixture(scope="session")
def runtime() -> Iterator[Containerd]:
    missing = [name for name in ("containerd", "ctr", "runc", "catatonit") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing) or 'nothing else'}")
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
