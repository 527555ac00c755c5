"""What tests of several components stand on: the real kubectl, and nodes with a real containerd, one each a session."""

import pytest
from tests import peers
from tests.integration.kubelet.onenodecluster import whole
from tests.integration.kubelet.staticnode import static_node

__all__ = ["static_node", "whole"]


@pytest.fixture(scope="session")
def kubectl_binary() -> str:
    """Upstream's kubectl of our version."""
    return peers.find("kubectl")
