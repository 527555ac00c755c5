"""YAML as go-yaml writes it."""

import pytest

from kajitori.kubectl.manifests.yamlload import load
from kajitori.kubectl.printers.yamltext import dumps


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("yes", '"yes"'),
        ("n", '"n"'),
        ("On", '"On"'),
        ("true", '"true"'),
        ("null", '"null"'),
        ("~", '"~"'),
        ("", '""'),
        ("1", '"1"'),
        ("1.5", '"1.5"'),
        ("1e3", '"1e3"'),
        ("0x1f", '"0x1f"'),
        ("0o17", '"0o17"'),
        ("1_000", '"1_000"'),
        ("1:30", '"1:30"'),
        ("2026-01-02", '"2026-01-02"'),
        ("2026-01-02T03:04:05Z", '"2026-01-02T03:04:05Z"'),
        ("10.96.0.1", "10.96.0.1"),
        ("80-8080", "80-8080"),
        ("1.2.3", "1.2.3"),
        ("v1.34.5", "v1.34.5"),
        ("25%", "25%"),
        ("a: b", "'a: b'"),
        ("# no comment", "'# no comment'"),
        ("*", "'*'"),
        ("- x", "'- x'"),
        ("ünïcode", "ünïcode"),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\nb", "|-\n  a\n  b"),
        (True, "true"),
        (None, "null"),
        (3, "3"),
        (1.5, "1.5"),
        ({}, "{}"),
        ([], "[]"),
    ],
    ids=repr,
)
def test_a_scalar_is_quoted_only_where_it_could_be_read_as_something_else(value: object, text: str) -> None:
    assert dumps({"key": value}) == f"key: {text}\n"
    assert load(dumps({"key": value})) == {"key": value}


def test_lists_stand_at_the_column_of_their_parent_and_keys_are_sorted() -> None:
    assert dumps({"b": [{"y": 1, "x": ["z"]}], "a": 1}) == 'a: 1\nb:\n- x:\n  - z\n  "y": 1\n'


def test_long_texts_fold_at_eighty_columns() -> None:
    words = " ".join(["word"] * 30)
    assert max(map(len, dumps({"message": words}).splitlines())) <= 84
    assert load(dumps({"message": words})) == {"message": words}


def test_the_dot_of_field_sets_stays_plain() -> None:
    assert dumps({".": {}}) == ".: {}\n"
