"""Fields of what has none: as cel-go says it, for an object that is null in a deletion, for example."""

import pytest

from kajitori import cel
from kajitori.cel.errors import EvaluationError


def evaluate(expression: str) -> object:
    held = {"nothing": None, "text": "a", "items": [1]}
    return cel.compile(expression, {"self": cel.DYN}).evaluate({"self": held})


@pytest.mark.parametrize("expression", ["has(self.nothing.a)", "has(self.text.a)", "self.?nothing.?a.hasValue()"])
def test_what_has_no_fields_has_not_this_one(expression: str) -> None:
    assert evaluate(expression) is False


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("self.nothing.a", "no such key: a"),
        ("self.text.a", "no such key: a"),
        ("self.items.a", "unsupported index type 'string' in list"),
        ("has(self.items.a)", "unsupported index type 'string' in list"),
    ],
)
def test_a_field_that_cannot_be_is_missing(expression: str, why: str) -> None:
    with pytest.raises(EvaluationError, match=why):
        evaluate(expression)
