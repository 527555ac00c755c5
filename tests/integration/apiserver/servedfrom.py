"""An API server whose objects lie in a given store. May import: kajitori.testing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kajitori.testing import ControlPlane
from kajitori.testing.etcd import Etcd, available


@contextmanager
def served_from(store: str, folders: pytest.TempPathFactory, **options: Any) -> Iterator[ControlPlane]:
    """`store` is "memory", "sqlite" or "etcd3"; without an etcd on this machine the test is skipped."""
    data_dir = folders.mktemp(f"served-from-{store}")
    if store != "etcd3":
        with ControlPlane(storage=store, data_dir=data_dir, **options) as control_plane:
            yield control_plane
        return
    if not available():
        pytest.skip("there is no etcd here")
    with Etcd(folders.mktemp("etcd")) as etcd:
        with ControlPlane(storage="etcd3", etcd_servers=(etcd.url,), data_dir=data_dir, **options) as control_plane:
            yield control_plane
