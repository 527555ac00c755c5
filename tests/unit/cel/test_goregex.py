"""Patterns are Go's: its syntax, its words, and no pattern takes long."""

import time

import pytest

from kajitori.machinery import goregex


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^[a-z]+\z", "abc", True),
        (r"^[a-z]+$", "abc\n", False),
        (r"^[[:alnum:]]+$", "a1", True),
        (r"^\p{L}+$", "é", True),
        (r"^\d+$", "٣", False),
        (r"(?i)^abc$", "ABC", True),
        (r"\Qa.b\E", "axb", False),
    ],
)
def test_a_pattern_means_what_go_means(pattern: str, text: str, matches: bool) -> None:
    assert bool(goregex.compile(pattern).search(text)) is matches


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "error parsing regexp: missing closing ): `(`"),
        ("(?=x)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
        ("a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
        ("*", "error parsing regexp: missing argument to repetition operator: `*`"),
    ],
)
def test_a_bad_pattern_is_refused_in_gos_words(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match="error parsing regexp") as caught:
        goregex.compile(pattern)
    assert str(caught.value) == message


def test_no_pattern_backtracks() -> None:
    started = time.monotonic()
    assert not goregex.compile("^(a+)+$").search("a" * 50_000 + "b")
    assert time.monotonic() - started < 1
