"""A world with two namespaces, one of them on its way out, and an account."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def deps(world: Any, make_deps: Any) -> Any:
    world.put("", "namespaces", {"metadata": {"name": "ns"}, "status": {"phase": "Active"}})
    world.put("", "namespaces", {"metadata": {"name": "going"}, "status": {"phase": "Terminating"}})
    world.put("", "serviceaccounts", {"metadata": {"name": "default", "namespace": "ns"}})
    return make_deps(enable_admission_plugins=("NodeRestriction",))
