"""Field selectors: comparisons, escapes, refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.fieldselector import FieldRequirement, FieldSelector, FieldSelectorError


def test_all_comparisons_must_hold():
    selector = FieldSelector.parse("metadata.name=x,status.phase!=Running,a==b")
    assert selector.matches({"metadata.name": "x", "a": "b"})
    assert not selector.matches({"metadata.name": "x", "a": "b", "status.phase": "Running"})
    assert selector.exact("metadata.name") == "x"


@pytest.mark.parametrize("text", ["x", "a=b=c", "a=\\x"])
def test_malformed_text_is_refused(text):
    with pytest.raises(FieldSelectorError):
        FieldSelector.parse(text)


@given(st.lists(st.builds(FieldRequirement, st.just("a.b"), st.sampled_from(["=", "!="]), st.text(max_size=5))))
def test_escapes_survive_printing(requirements):
    selector = FieldSelector(tuple(requirements))
    assert FieldSelector.parse(str(selector)) == selector
