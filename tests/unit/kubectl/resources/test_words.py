"""TYPE NAME, TYPE/NAME: the grammar of arguments."""

import pytest

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.words import Target, parse


@pytest.mark.parametrize(
    ("words", "targets"),
    [
        (["pods"], [Target("pods")]),
        (["pods", "a", "b"], [Target("pods", ("a", "b"))]),
        (["pods,svc"], [Target("pods"), Target("svc")]),
        (["pods,svc", "a"], [Target("pods", ("a",)), Target("svc", ("a",))]),
        (["pod/a", "svc/b"], [Target("pod", ("a",)), Target("svc", ("b",))]),
        (["pods,pods"], [Target("pods")]),
    ],
    ids=str,
)
def test_words_name_types_and_objects(words: list[str], targets: list[Target]) -> None:
    assert parse(words) == targets


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "You must provide one or more resources by argument or filename"),
        (["pod/a", "b"], "there is no need to specify a resource type as a separate argument"),
        (["pod/a/b"], "arguments in resource/name form may not have more than one slash"),
        (["pod/"], "arguments in resource/name form must have a single resource and name"),
        (["/a"], "arguments in resource/name form must have a single resource and name"),
    ],
    ids=str,
)
def test_what_is_no_grammar_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(words)
