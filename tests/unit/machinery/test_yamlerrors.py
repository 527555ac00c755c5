"""YAML mistakes are told in one line, as upstream's parser words them (seen with the real kubectl)."""

import pytest
import yaml

from kajitori.machinery.yamlerrors import words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{:bad", "did not find expected node content"),
        ("a: b\n c: d\n", "line 2: mapping values are not allowed in this context"),
        ("a:\tb\n\tc: d\n", "line 2: found a tab character that violates indentation"),
        ('a: "b\n', "line 2: found unexpected end of stream"),
        ("a: 1\nb: *x\n", "unknown anchor 'x' referenced"),
    ],
)
def test_a_mistake_is_told_as_upstream_tells_it(text: str, told: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.load(text, Loader=yaml.CSafeLoader)
    assert words(caught.value, text) == told
    assert words(caught.value, text.encode()) == told


def test_any_other_error_says_what_it_says() -> None:
    assert words(OSError("gone")) == "gone"
