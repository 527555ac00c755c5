"""Where the real programs are that tests compare us with; see scripts/fetch-peers. A missing one skips the test."""

import os
from pathlib import Path

import pytest

_PEERS = Path(__file__).parent.parent / ".peers"


def find(name: str) -> str:
    """The path of `kubectl` or `helm`; skips the test when there is none, but fails in CI, where there must be."""
    path = os.environ.get(f"KAJITORI_{name.upper()}") or str(_PEERS / name)
    if os.access(path, os.X_OK):
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing: run scripts/fetch-peers")
    pytest.skip(f"{name} is missing: run scripts/fetch-peers or set KAJITORI_{name.upper()}")
