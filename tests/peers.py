"""Where the real programs are that tests compare us with; see scripts/fetch-peers. A missing one skips the test."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / ".peers"


def path(name: str) -> Path:
    """Where `kubectl`, `kubectl-newest` or `helm` is, if it is there."""
    return Path(os.environ.get(_variable(name)) or FOLDER / name)


def find(name: str) -> str:
    """The path of a program; skips the test when there is none, but fails in CI, where there must be."""
    found = path(name)
    if os.access(found, os.X_OK):
        return str(found)
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing: run scripts/fetch-peers")
    pytest.skip(f"{name} is missing: run scripts/fetch-peers or set {_variable(name)}")


def _variable(name: str) -> str:
    return "KAJITORI_" + name.upper().replace("-", "_")
