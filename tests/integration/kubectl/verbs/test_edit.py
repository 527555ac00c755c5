"""`edit` with an editor that is a script: what it is shown, what is said afterwards, what is kept; as upstream does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..twokubectls import Outcome, difference
from .conftest import Kubectls, timeless

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CASES = {
    "nothing changed": "true",
    "only a comment": "sed -i '1i# mine' \"$1\"",
    "changed": "sed -i 's/replicas: 1/replicas: 2/' \"$1\"",
    "invalid and given up": "sed -i 's/replicas: 1/replicas: -1/' \"$1\"",
    "of a wrong type": "sed -i 's/replicas: 1/replicas: x/' \"$1\"",
    "invalid, then mended": (
        "if grep -q 'was not valid' \"$1\"; then sed -i 's/replicas: -1/replicas: 3/' \"$1\"; "
        "else sed -i 's/replicas: 1/replicas: -1/' \"$1\"; fi"
    ),
    "no yaml": "grep -q ': \\[' \"$1\" || echo '  : [' >> \"$1\"",
    "renamed": "sed -i 's/^  name: web/  name: other/' \"$1\"",
    "an unknown field": "sed -i 's/replicas: 1/replicaz: 1/' \"$1\"",
    "the editor fails": "exit 3",
}


def plain(text: str) -> str:
    """Names of files, UIDs, versions and times made equal."""
    text = re.sub(r"/\S*/kubectl-edit-[0-9a-z_]+\.yaml", "FILE", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:]+Z", "SOME", text)
    return re.sub(r'resourceVersion: "\d+"', "resourceVersion: SOME", text)


@pytest.mark.parametrize("case", CASES)
def test_edits_as_upstream_does(case: str, space: Kubectls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor, seen = tmp_path / "editor", tmp_path / "seen"
    editor.write_text(f'#!/bin/sh\ncat "$1" >> {seen}\n{CASES[case]}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("KUBE_EDITOR", str(editor))
    said: list[str] = []
    for run in (space.theirs, space.ours):
        space.make("create deployment web --image=nginx")
        done = timeless(run("edit deployment web"))
        shown = seen.read_text()
        said.append(plain(f"{Outcome(done.out, done.err, done.code)}\n--- shown\n{shown}"))
        seen.unlink()
        for kept in re.findall(r"/\S*/kubectl-edit-[0-9a-z_]+\.yaml", done.err):
            Path(kept).unlink()
        space.make("delete deployment web --wait=false")
    assert said[0] == said[1], difference(said[0], said[1])
