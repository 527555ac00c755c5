"""Which container a session goes to."""

from __future__ import annotations

import io
from typing import Any

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.sessions.containers import DEFAULT_CONTAINER, chosen


def pod(*names: str, init: tuple[str, ...] = (), ephemeral: tuple[str, ...] = (), default: str = "") -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "space", "annotations": {DEFAULT_CONTAINER: default}},
        "spec": {
            "containers": [{"name": name} for name in names],
            "initContainers": [{"name": name} for name in init],
            "ephemeralContainers": [{"name": name} for name in ephemeral],
        },
    }


def test_the_first_is_taken_and_the_others_are_told() -> None:
    told = io.StringIO()
    assert chosen(pod("a", "b", init=("i",), ephemeral=("e",)), "", quiet=False, warn=told)["name"] == "a"
    assert told.getvalue() == 'Defaulted container "a" out of: a, b, e (ephem), i (init)\n'


@pytest.mark.parametrize(("one", "quiet"), [(pod("a"), False), (pod("a", "b"), True)], ids=["only one", "quiet"])
def test_nothing_is_told_of_no_choice(one: dict[str, Any], quiet: bool) -> None:
    told = io.StringIO()
    assert chosen(one, "", quiet=quiet, warn=told)["name"] == "a"
    assert told.getvalue() == ""


def test_the_annotation_names_the_default_if_there_is_such_a_container() -> None:
    told = io.StringIO()
    assert chosen(pod("a", "b", default="b"), "", quiet=False, warn=told)["name"] == "b"
    assert chosen(pod("a", "b", default="c"), "", quiet=True, warn=told)["name"] == "a"
    assert told.getvalue() == ""


@pytest.mark.parametrize("name", ["a", "i", "e"])
def test_any_kind_of_container_can_be_named(name: str) -> None:
    one = pod("a", init=("i",), ephemeral=("e",))
    assert chosen(one, name, quiet=False, warn=io.StringIO())["name"] == name


@pytest.mark.parametrize(
    ("one", "name", "text"),
    [
        (pod("a"), "x", "container x not found in pod web"),
        (pod(), "", "pod space/web does not have any containers"),
    ],
)
def test_refusals(one: dict[str, Any], name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"^{text}$"):
        chosen(one, name, quiet=False, warn=io.StringIO())
