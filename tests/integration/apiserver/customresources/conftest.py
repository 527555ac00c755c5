"""Servers with custom resources, driven by real clients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.commandline import Kubectl

from kajitori.testing import ControlPlane


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    with ControlPlane() as control_plane:
        yield control_plane


@pytest.fixture
def kubectl(control_plane: ControlPlane, kubectl_binary: str, tmp_path: Path) -> Kubectl:
    return Kubectl(kubectl_binary, control_plane.kubeconfig, tmp_path)


def definition(plural: str, kind: str, versions: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """A CustomResourceDefinition in the group example.com; the first version is stored."""
    made = []
    for index, version in enumerate(versions):
        schema = version.pop("schema", {"type": "object", "x-kubernetes-preserve-unknown-fields": True})
        made.append({"served": True, "storage": index == 0, "schema": {"openAPIV3Schema": schema}, **version})
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, **spec.pop("names", {})}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": made, **spec},
    }


def instance(kind: str, name: str, version: str = "v1", **fields: Any) -> dict[str, Any]:
    """A custom object."""
    return {"apiVersion": f"example.com/{version}", "kind": kind, "metadata": {"name": name}, **fields}


@pytest.fixture
def crd(kubectl: Kubectl) -> Iterator[Any]:
    """Creates definitions; they are deleted after the test."""
    made: list[str] = []

    def create(plural: str, kind: str, versions: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
        wanted = definition(plural, kind, versions, **spec)
        kubectl.ok("apply", "-f", "-", stdin=wanted)
        made.append(plural)
        return wanted

    yield create
    for plural in made:
        kubectl.run("delete", "crd", f"{plural}.example.com", "--ignore-not-found", "--timeout=10s")
