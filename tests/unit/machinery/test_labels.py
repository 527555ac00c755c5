"""Label selectors: grammar, matching, printing, refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kajitori.machinery.labels import Requirement, Selector, SelectorError


@pytest.mark.parametrize(
    ("text", "labels", "matches"),
    [
        ("a=b", {"a": "b"}, True),
        ("a==b", {"a": "c"}, False),
        ("a!=b", {}, True),
        ("a in (b, c)", {"a": "c"}, True),
        ("a notin (b)", {"a": "b"}, False),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("a>1,a<3", {"a": "2"}, True),
        ("a>1", {"a": "x"}, False),
        ("", {}, True),
    ],
)
def test_selector_matches(text, labels, matches):
    assert Selector.parse(text).matches(labels) is matches


@pytest.mark.parametrize("text", ["a=b,", "a b", "=x", "a in b", "a=b=c", "a in (b", "!a=b", "a>x", "a=-b", "a/b/c"])
def test_malformed_text_is_refused(text):
    with pytest.raises(SelectorError, match=r"unable to parse requirement|found "):
        Selector.parse(text)


def test_structured_selector_absent_matches_nothing_and_empty_everything():
    assert not Selector.from_label_selector(None).matches({"a": "b"})
    assert Selector.from_label_selector({}).matches({"a": "b"})


def test_structured_selector_reads_expressions():
    selector = Selector.from_label_selector(
        {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["d"]}]}
    )
    assert str(selector) == "a in (b),c notin (d)"
    assert selector.matches({"a": "b"})
    assert not selector.matches({"a": "b", "c": "d"})


names = st.from_regex(r"[a-z]([-a-z0-9]{0,5}[a-z0-9])?", fullmatch=True).filter(lambda n: n not in ("in", "notin"))
requirements = st.one_of(
    st.builds(lambda k, o, v: Requirement(k, o, (v,)), names, st.sampled_from(["=", "!=", "=="]), names),
    st.builds(
        lambda k, o, v: Requirement(k, o, tuple(sorted(v))),
        names,
        st.sampled_from(["in", "notin"]),
        st.sets(names, min_size=1, max_size=3),
    ),
    st.builds(Requirement, names, st.sampled_from(["exists", "!"])),
)


@given(st.lists(requirements, max_size=4))
def test_printing_and_parsing_keep_the_selector(found):
    assert Selector.parse(str(Selector(found))) == Selector(found)
