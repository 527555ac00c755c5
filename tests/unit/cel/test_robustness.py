"""Whatever is thrown at it, CEL answers with a value or a CelError."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kajitori import cel

TEXT = (
    "self self.a self.l self.m x s l m 1 2.5 3u 'a' \"b\" b'c' true false null + - * / % == != < <= > >= && || ! ? : . , ( ) [ ] { } "
    "in has( .all(v, .map(v, .filter(v, .exists(k, size( .size() [0] .?a [?0] optional.of( .orValue( quantity( duration( "
    "timestamp( .format( .matches( int( string( type( dyn( .sum() .min() sets.contains( .split( .join( ip( cidr( url( "
    ".getHours() .contains( optional.none() format.dns1123Label() .value() .hasValue() .substring( .replace( .indexOf("
)
WORDS = TEXT.split()
VARIABLES = {
    "self": cel.DYN,
    "x": cel.INT,
    "s": cel.STRING,
    "l": cel.list_of(cel.STRING),
    "m": cel.map_of(cel.STRING, cel.DYN),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
QUICKLY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(expression: str, value: Any) -> None:
    try:
        program = cel.compile(expression, VARIABLES)
        assert program.max_cost() >= 0
        program.evaluate({"self": value, "x": 1, "s": "text", "l": ["a", "b"], "m": {"k": value}}, cel.Budget(100_000))
    except cel.CelError as error:
        assert str(error)


@QUICKLY
@given(st.lists(st.sampled_from(WORDS), max_size=12), JSON)
def test_any_words_compile_or_fail_cleanly(words: list[str], value: Any) -> None:
    run(" ".join(words), value)


@QUICKLY
@given(st.text(max_size=30))
def test_any_text_compiles_or_fails_cleanly(text: str) -> None:
    run(text, None)


UNARY = st.sampled_from(["!{}", "-{}", "size({})", "string({})", "int({})", "[{}]", "{{{}: 1}}", "{}.size()", "{}[0]", "{}.k", "{}.?k", "{}.map(v, v)", "{}.all(v, v == v)", "duration({})", "timestamp({})", "quantity({})", "type({})", "optional.of({})", "{}.value()"])  # fmt: skip
BINARY = st.sampled_from(["{} + {}", "{} == {}", "{} < {}", "{} && {}", "{} in {}", "{}[{}]", "{} ? {} : {}", "{}.contains({})", "{}.format([{}])", "{}.matches({})", "{} % {}", "{} / {}", "{}.split({})", "{}.orValue({})"])  # fmt: skip
LEAF = st.sampled_from(["self", "dyn(1)", "dyn('a')", "dyn([1])", "dyn(1.5)", "x", "s", "l", "m", "1", "'a'", "true", "null", "1u", "0", "b'x'"])  # fmt: skip


def combine(inner: Any) -> Any:
    unary = st.tuples(UNARY, inner).map(lambda pair: pair[0].format(f"({pair[1]})"))
    binary = st.tuples(BINARY, inner, inner, inner).map(
        lambda parts: parts[0].format(*(f"({part})" for part in parts[1:]))
    )
    return unary | binary


@QUICKLY
@given(st.recursive(LEAF, combine, max_leaves=6), JSON)
def test_any_expression_evaluates_or_fails_cleanly(expression: str, value: Any) -> None:
    run(expression, value)
