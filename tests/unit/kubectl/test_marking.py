"""Labels and annotations: words in, changed objects out."""

from typing import Any

import pytest

from kajitori.kubectl.conditions import parse as parse_condition
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.marking import ANNOTATIONS, LABELS, MarkOptions, changed, outcome, parse, split
from kajitori.kubectl.suggesting import suggestions


def pod(**labels: str) -> dict[str, Any]:
    return {"metadata": {"name": "p", "labels": labels} if labels else {"name": "p"}}


def test_changes_begin_where_words_look_like_changes() -> None:
    assert split(("pods", "a", "x=y", "z-")) == (["pods", "a"], ["x=y", "z-"])
    assert split(("pods", "a")) == (["pods", "a"], [])


@pytest.mark.parametrize(
    ("have", "words", "overwrite", "message"),
    [
        ({}, ["a=b"], False, "labeled"),
        ({"a": "b"}, ["a=b"], False, "not labeled"),
        ({"a": "b"}, ["a=c"], True, "labeled"),
        ({"a": "b"}, ["a-"], False, "unlabeled"),
        ({"a": "b"}, ["c-"], False, "not labeled"),
    ],
    ids=str,
)
def test_the_outcome_is_told_apart(have: dict[str, str], words: list[str], overwrite: bool, message: str) -> None:
    options = MarkOptions(overwrite=overwrite)
    old = pod(**have)
    new = changed(LABELS, options, old, *parse(LABELS, words))
    assert outcome(LABELS, options, old, new) == message
    assert old == pod(**have)


def test_an_existing_value_is_kept_without_overwrite() -> None:
    with pytest.raises(UsageError, match=r"error: 'a' already has a value \(b\), and --overwrite is false"):
        changed(LABELS, MarkOptions(), pod(a="b"), {"a": "c"}, [])
    with pytest.raises(UsageError, match="found the following declared annotation"):
        changed(ANNOTATIONS, MarkOptions(), {"metadata": {"annotations": {"a": "b"}}}, {"a": "c"}, [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a=b=c"], "invalid label spec: a=b=c"),
        (["=b"], "invalid label spec: =b"),
        (["a=b c"], 'invalid label value: "a=b c"'),
        (["a=b", "a-"], "can not both modify and remove a label in the same command"),
    ],
    ids=str,
)
def test_bad_words_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(LABELS, words)


STATUS = {
    "metadata": {"generation": 2},
    "status": {"observedGeneration": 2, "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("condition=Ready", True),
        ("condition=ready=TRUE", True),
        ("condition=Ready=false", False),
        ("condition=Nope", False),
        ("jsonpath={.status.phase}=Running", True),
        ("jsonpath='{.status.phase}'=Pending", False),
        ("jsonpath=.status.phase", True),
        ("jsonpath={.status.nope}", False),
    ],
)
def test_a_condition_holds_or_not(text: str, holds: bool) -> None:
    assert parse_condition(text).holds(STATUS) is holds


def test_a_condition_of_an_older_generation_does_not_count() -> None:
    stale = {**STATUS, "metadata": {"generation": 3}}
    assert not parse_condition("condition=Ready").holds(stale)


def test_suggestions_are_two_edits_away_at_most() -> None:
    assert suggestions("gett", ["set", "get", "describe"]) == ["set", "get"]
    assert suggestions("nope", ["top", "get"]) == ["top"]
    assert suggestions("desc", ["describe"]) == ["describe"]
