"""`apply` and `diff` beside upstream's: from client-side to server-side, what is masked and pruned, odd metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..twokubectls import Outcome
from .conftest import Kubectls

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: z}}\ndata: {k: v, l: w}\n"


def plain(said: Outcome) -> Outcome:
    out = re.sub(r"/tmp/(LIVE|MERGED)-\w+", r"/tmp/\1", said.out)
    out = re.sub(r"(uid: |resourceVersion: |Timestamp: |time: |\t20\d\d-).*", "SOME", out)
    return Outcome(out, re.sub(r"(?m)^W\d{4} .*\n", "", said.err), said.code)


def owners(space: Kubectls) -> list[dict[str, Any]]:
    meta = json.loads(space.make("get configmap a -o json --show-managed-fields"))["metadata"]
    return [{key: value for key, value in one.items() if key != "time"} for one in meta["managedFields"]]


def test_fields_that_were_applied_on_the_client_move_to_who_applies_on_the_server(space: Kubectls) -> None:
    """And so what leaves the file leaves the object."""
    for words in ("", "--dry-run=server", "--field-manager=mine --force-conflicts"):
        theirs, ours = (_applied(space, run, words) for run in (space.theirs, space.ours))
        assert theirs == ours, words


def _applied(space: Kubectls, run: Callable[[str, str], Outcome], words: str) -> tuple[Outcome, list[dict[str, Any]]]:
    space.make("apply -f -", OBJECT)
    said = run(f"apply --server-side {words} -f - -o yaml --show-managed-fields", OBJECT.replace(", l: w", ""))
    left = owners(space)
    space.make("delete configmap a")
    return plain(said), left


def test_a_diff_of_what_the_server_would_apply_is_that_of_kubectl_itself(space: Kubectls) -> None:
    space.make("apply -f -", OBJECT)
    changed = OBJECT.replace("k: v", "k: other")
    assert plain(space.theirs("diff --server-side -f -", changed)) == plain(
        space.ours("diff --server-side -f -", changed)
    )


def test_a_diff_of_secrets_tells_no_value(space: Kubectls) -> None:
    space.make("create secret generic s --from-literal=same=1 --from-literal=gone=2 --from-literal=other=3")
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {other: four, new: five}\n"
    for given in (text, text.replace("name: s", "name: t")):
        theirs, ours = plain(space.theirs("diff -f -", given)), plain(space.ours("diff -f -", given))
        assert theirs == ours
        assert "*** (after)" in ours.out or given != text


def test_a_diff_shows_what_would_be_pruned(space: Kubectls) -> None:
    space.make("apply -f -", OBJECT)
    other = OBJECT.replace("name: a", "name: b")
    theirs, ours = (plain(run("diff --prune -l x=z -f -", other)) for run in (space.theirs, space.ours))
    assert theirs.out == ours.out
    assert "-  k: v" in ours.out


ODD_METADATA = (
    "{name: 5}",
    "{name: a, labels: {x: true}}",
    "{name: a, labels: [a]}",
    "{name: a, labels: {x: {y: z}}, annotations: {y: 2}}",
    "{name: a, namespace: 7}",
    "{name: a, generation: 1.5}",
    "{name: a, creationTimestamp: foo}",
    "{name: a, finalizers: x}",
    "{name: a, ownerReferences: [{controller: x}]}",
    "x",
    "[x]",
)


def test_metadata_of_a_wrong_type_is_refused_before_anything_is_asked(space: Kubectls, tmp_path: Path) -> None:
    """The other documents of the file are dealt with."""
    lines = []
    for number, metadata in enumerate(ODD_METADATA):
        file = tmp_path / f"{number}.yaml"
        file.write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\n---\n{OBJECT}")
        lines.append(f"create --dry-run=server -f {file}")
    space.alike(*lines, at_once=4)
