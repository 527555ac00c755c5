"""Warning headers: what they hold, and how much."""

from __future__ import annotations

import pytest

from kajitori.apiserver.serving import warnings


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("careful", '299 - "careful"'),
        ('a "b" \\c', '299 - "a \\"b\\" \\\\c"'),
        ("héé", '299 - "hÃ©Ã©"'),
    ],
)
def test_a_text_is_quoted_and_goes_as_utf8(text: str, header: str) -> None:
    assert warnings.headers([text]) == [("Warning", header)]


@pytest.mark.parametrize("text", ["", "two\nlines", "bell\a"])
def test_what_a_header_cannot_hold_is_left_out(text: str) -> None:
    assert warnings.headers(["a", text, "b"]) == [("Warning", '299 - "a"'), ("Warning", '299 - "b"')]


def test_a_warning_is_said_once() -> None:
    assert len(warnings.headers(["a", "b", "a"])) == 2


def test_a_long_one_alone_stays_whole() -> None:
    assert warnings.headers(["x" * 4096]) == [("Warning", f'299 - "{"x" * 4096}"')]


def test_too_many_are_cut_and_end() -> None:
    cut = warnings.headers([f"{number:04}" + "x" * 1000 for number in range(100)])
    assert len(cut) == 16
    assert all(len(header) == len('299 - ""') + 256 for _, header in cut)
