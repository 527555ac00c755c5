"""YAML means what go-yaml makes of it before it becomes JSON."""

import pytest

from kajitori.machinery import goyaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("n", False),
        ("on", True),
        ("No", False),
        ("1e3", 1000),
        ("1.0", 1),
        ("1.5", 1.5),
        ("010", 8),
        ("0x10", 16),
        ("1_000", 1000),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 1.8446744073709552e19),
        ("~", None),
        ("!!binary aGk=", "hi"),
        ("!!str 1", "1"),
        ("!odd x", "x"),
        ("!odd {a: 1}", {"a": 1}),
        ("{2: a, true: b}", {"2": "a", "true": "b"}),
    ],
)
def test_scalars_and_tags(text, value):
    found = goyaml.load(text)
    assert found == value
    assert type(found) is type(value)


def test_only_the_first_document_counts():
    assert goyaml.load("a: 1\n---\nb: [") == {"a": 1}


@pytest.mark.parametrize(("text", "said"), [("[.inf]", "+Inf"), ("{a: -.inf}", "-Inf"), (".nan", "NaN"), ("[1.5]", "")])
def test_numbers_that_json_cannot_say(text, said):
    assert goyaml.infinite(goyaml.load(text)) == said
