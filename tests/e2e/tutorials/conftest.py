"""The clusters that the tutorials run on: started as a reader would start them, once with our kubectl and once with the real one.

The registry serves the tutorials' images on this machine; nothing reaches outside.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import peers
from tests.e2e.tutorials.shell import ROOT, Shell
from tests.images.registry import Registry

REAL_KUBECTL = peers.path("kubectl")


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """The tutorials' images, behind every registry's name."""
    one = Registry()
    one.start()
    try:
        one.fill()
        yield one
    finally:
        one.stop()


@pytest.fixture(scope="module", params=["ours", "real"])
def shell(request: pytest.FixtureRequest, registry: Registry) -> Iterator[Shell]:
    """A reader with an empty home and the one kubectl or the other."""
    kubectl = ROOT / ".venv/bin/kubectl" if request.param == "ours" else REAL_KUBECTL
    assert kubectl.exists(), f"{kubectl} is missing; scripts/fetch-peers brings the real one"
    with tempfile.TemporaryDirectory(prefix="kajitori-tutorial-", dir="/var/tmp") as home:
        reader = Shell(kubectl, Path(home), {"KAJITORI_REGISTRY_MIRROR": registry.url, "KAJITORI_ISOLATED": "1"})
        try:
            yield reader
        finally:
            reader.run("minikube delete --all")
