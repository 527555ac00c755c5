"""Files with objects of kinds that the server does not have, alone, several, and beside others; as upstream tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Kubectls

pytestmark = pytest.mark.integration

ODD = "apiVersion: example.com/v1\nkind: Odd\nmetadata: {{name: {}}}\n---\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\n---\n"
FILES = {
    "one": ODD.format("a"),
    "two": ODD.format("a") + ODD.format("b"),
    "mixed": ODD.format("a") + ODD.format("b") + MAP.format("c"),
}


@pytest.mark.parametrize("name", FILES)
def test_they_are_told_beside_other_errors(name: str, space: Kubectls, tmp_path: Path) -> None:
    file, there = tmp_path / "f.yaml", tmp_path / "there.yaml"
    file.write_text(FILES[name])
    space.alike(
        *(f"{verb} -f {file}" for verb in ("get", "delete", "replace", "diff", "create --dry-run=client")),
        f"label -f {file} a=b",
        at_once=3,
    )
    there.write_text(MAP.format("c"))
    space.make(f"create -f {there}")
    space.alike(f"create -f {file}")
