"""The server that both kubectls, upstream's binary and ours, are asked to talk to."""

from collections.abc import Iterator

import pytest

from kajitori.testing import ControlPlane


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    with ControlPlane() as control_plane:
        yield control_plane
