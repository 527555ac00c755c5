"""JSON merge patch: the difference of two documents applied to the first gives the second."""

from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.patch import merge_patch

values = st.recursive(
    st.one_of(st.booleans(), st.integers(-3, 3), st.text("ab", max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


@given(documents, documents)
def test_difference_applied_gives_the_new_document(old, new):
    assert merge_patch.apply(old, merge_patch.create(old, new)) == new


@given(documents)
def test_nothing_changed_is_an_empty_patch(document):
    assert merge_patch.create(document, document) == {}


@given(documents, documents, documents)
def test_three_way_patch_keeps_what_only_the_server_has(original, modified, current):
    result = merge_patch.apply(current, merge_patch.create_three_way(original, modified, current))
    for key, value in modified.items():
        if not isinstance(value, dict):
            assert result[key] == value
    for key in current.keys() - original.keys() - modified.keys():
        assert result[key] == current[key]


def test_null_removes():
    assert merge_patch.apply({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}) == {"a": {"c": 2}}


def test_true_is_not_one():
    assert merge_patch.create({"a": 1}, {"a": True}) == {"a": True}
    assert merge_patch.create_three_way({}, {"a": {"b": True}}, {"a": {"b": 1}}) == {"a": {"b": True}}
