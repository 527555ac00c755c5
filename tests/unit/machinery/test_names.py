"""Names: what is valid, in which words it is not, and names that are made up."""

import random

import pytest

from kajitori.machinery import hashing, intstr, names


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (names.is_dns1123_label, ["a", "a-1", "1"], ["", "-a", "A", "a.b", "a" * 64]),
        (names.is_dns1123_subdomain, ["a.b", "a"], ["a..b", "a_b", ".a", "a" * 254]),
        (names.is_dns1035_label, ["a1"], ["1a", "a-"]),
        (names.is_qualified_name, ["a", "a.b/c_D", "x/Y"], ["", "/a", "a/", "a/b/c", "A!/b"]),
        (names.is_label_value, ["", "a_B.c"], ["-a", "a" * 64, "a b"]),
        (names.is_config_map_key, ["a.b", "_x"], ["..", "a/b", "..a"]),
        (names.is_port_name, ["http", "a-1"], ["", "1", "a--b", "-a", "a" * 16]),
        (names.is_env_var_name, ["A", "a b"], ["", "a=b", "ä"]),
        (names.is_path_segment, ["system:x"], [".", "a/b", "a%b"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_names_are_told_apart(check, good, bad):
    assert [text for text in good if check(text)] == []
    assert [text for text in bad if not check(text)] == []


def test_bad_label_is_explained_in_upstreams_words():
    assert names.is_dns1123_label("A") == [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
        "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    ]


def test_generated_names_stay_short_enough():
    name = names.generate_name("x" * 80, random.Random(1))
    assert len(name) == 63
    assert set(name[58:]) <= set(names.ALPHABET)


def test_template_hash_depends_on_content_only():
    assert hashing.pod_template_hash({"a": 1, "b": 2}) == hashing.pod_template_hash({"b": 2, "a": 1})
    assert hashing.pod_template_hash({"a": 1}) != hashing.pod_template_hash({"a": 1}, 1)


def test_percentages_scale_and_round():
    assert intstr.scaled_value("25%", 3, round_up=True) == 1
    assert intstr.scaled_value("25%", 3, round_up=False) == 0
    assert intstr.scaled_value(2, 3, round_up=False) == 2
    with pytest.raises(ValueError, match="percentage"):
        intstr.scaled_value("x", 3, round_up=False)
