"""YAML bodies: bounded in depth and in aliases; keys that occur twice are found with their line."""

import pytest

from kajitori.apiserver.serving import yamlbody
from kajitori.machinery.errors import BadRequest


def test_aliases_stand_for_their_anchors():
    assert yamlbody.parse(b"a: &x {b: 1}\nc: *x\n") == {"a": {"b": 1}, "c": {"b": 1}}


def test_aliases_that_multiply_are_refused():
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(BadRequest, match="excessive aliasing"):
        yamlbody.parse("\n".join(lines))


def test_an_alias_inside_its_anchor_is_refused():
    with pytest.raises(BadRequest, match="yaml: "):
        yamlbody.parse(b"a: &a [*a]\n")


@pytest.mark.parametrize("body", [b"[" * 300, b"- " * 300, b"[" * 2_000_000, b"{a: " * 100_000])
def test_deep_nesting_is_refused_at_once(body):
    with pytest.raises(BadRequest, match="yaml: "):
        yamlbody.parse(body)


def test_long_lists_are_not_deep():
    assert len(yamlbody.parse(b"- {a: [b]}\n" * 2000)) == 2000


def test_keys_that_occur_twice_are_told_with_their_line():
    body = b"a: 1\nb:\n  c: 1\n  c: 2\na: 2\nd: [{e: 1, e: 2}]\n"
    assert yamlbody.duplicates(body) == [
        'line 4: key "c" already set in map',
        'line 5: key "a" already set in map',
        'line 6: key "e" already set in map',
    ]
