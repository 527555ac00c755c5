"""Expressions: what they give, what is wrong with them, what they cost."""

import pytest

from kajitori import cel
from kajitori.cel.errors import CallCostExceeded
from kajitori.cel.types import ObjectType

VARIABLES = {
    "self": cel.DYN,
    "x": cel.INT,
    "s": cel.STRING,
    "l": cel.list_of(cel.INT, 10),
    "m": cel.map_of(cel.STRING, cel.INT),
    "o": ObjectType("thing", {"name": cel.STRING, "odd__dash__name": cel.INT, "size": cel.INT}),
}
BINDINGS = {
    "self": {"a": 1, "items": [{"n": "a"}, {"n": "b"}], "s": "hello", "nothing": None},
    "x": 5,
    "s": "abc",
    "l": [1, 2, 3],
    "m": {"k": 7},
    "o": {"name": "n", "odd-name": 4},
}

VALUES = [
    ("1 + 2 * 3", 7),
    ("-5 / 2", -2),
    ("-5 % 3", -2),
    ("7.0 / 2.0", 3.5),
    ("1u + 2u == 3u", True),
    ("0x1F", 31),
    ("x > 4 && s.startsWith('ab')", True),
    ("s + \"def\" == 'abcdef'", True),
    (r"'a\tb\u00e9'", "a\tbé"),
    (r"r'\d+'", r"\d+"),
    ("'''multi\nline'''", "multi\nline"),
    ("b'abc'.size()", 3),
    ("self.items.all(i, i.n.size() == 1)", True),
    ("self.items.exists(i, i.n == 'b')", True),
    ("self.items.exists_one(i, i.n == 'a')", True),
    ("self.items.map(i, i.n)", ["a", "b"]),
    ("l.map(i, i > 1, i * 10)", [20, 30]),
    ("l.filter(i, i > 1)", [2, 3]),
    ("m.all(k, m[k] == 7)", True),
    ("l.all(i, v, i < v)", True),
    ("l.transformList(i, v, v - i)", [1, 1, 1]),
    ("m.transformMap(k, v, v + 1)", {"k": 8}),
    ("has(self.zz)", False),
    ("has(self.a)", True),
    ("self.zz == 1 || true", True),
    ("false && self.zz", False),
    ("x == 5 ? 'five' : 'other'", "five"),
    ("2 in l", True),
    ("'k' in m", True),
    ("{'a': 1}.a", 1),
    ("{'a': 1, ?'b': self.?zz}", {"a": 1}),
    ("[1, ?self.?zz, ?self.?a]", [1, 1]),
    ("self.?zz.orValue(3)", 3),
    ("self.?items[?5].hasValue()", False),
    ("self.?a.optMap(v, v + 1).value()", 2),
    ("optional.ofNonZeroValue('').hasValue()", False),
    ("type(1) == int", True),
    ("type('') == string && type([]) == list", True),
    ("string(1.5) + string(true) + string(7)", "1.5true7"),
    ("int('42') + int(3.9)", 45),
    ("dyn([1, 2]) == [1.0, 2.0]", True),
    ("o.odd__dash__name", 4),
    ("duration('1h30m') > duration('60m')", True),
    ("duration('90s').getMinutes()", 1),
    ("string(duration('1.5s'))", "1.5s"),
    ("timestamp('2024-02-29T01:02:03Z').getDayOfMonth()", 28),
    ("timestamp('2024-01-01T00:00:00Z') + duration('24h') == timestamp('2024-01-02T00:00:00Z')", True),
    ("timestamp('2024-01-01T00:00:00Z').getHours('+02:00')", 2),
    ("self.nothing == null", True),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_an_expression_gives_its_value(expression: str, expected: object) -> None:
    value = cel.compile(expression, VARIABLES).evaluate(BINDINGS)
    assert value == expected
    assert isinstance(value, bool) == isinstance(expected, bool)


FAULTS = [
    ("y", "undeclared reference to 'y' (in container '')"),
    ("x + s", "found no matching overload for '_+_' applied to '(int, string)'"),
    ("s.foo()", "undeclared reference to 'foo' (in container '')"),
    ("s.startsWith(1)", "found no matching overload for 'startsWith' applied to 'string.(int)'"),
    ("o.nope", "undefined field 'nope'"),
    ("x.field", "type 'int' does not support field selection"),
    ("l.all(i, i)", "expected type 'bool' but found 'int'"),
    ("x.all(i, true)", "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"),
    ("x ? 1 : 2", "found no matching overload for '_?_:_' applied to '(int, int, int)'"),
    ("1 +", "Syntax error: mismatched input '<EOF>' expecting"),
    ("has(x)", "invalid argument to has() macro"),
    ("'open", "Syntax error: token recognition error at: '''"),
    ("x; x", "Syntax error: token recognition error at: ';'"),
    ("if", "reserved identifier: if"),
]


@pytest.mark.parametrize(("expression", "message"), FAULTS, ids=[text for text, _ in FAULTS])
def test_a_faulty_expression_does_not_compile(expression: str, message: str) -> None:
    with pytest.raises(cel.CompileError) as caught:
        cel.compile(expression, VARIABLES)
    assert message in str(caught.value)


def test_a_fault_shows_its_place() -> None:
    with pytest.raises(cel.CompileError) as caught:
        cel.compile("x == 5 &&\n  o.nope", VARIABLES)
    assert str(caught.value) == "ERROR: <input>:2:4: undefined field 'nope'\n |   o.nope\n | ...^"


FAILURES = [
    ("self.zz", "no such key: zz"),
    ("m['zz']", "no such key: zz"),
    ("l[5]", "index out of bounds: 5"),
    ("1 / 0", "division by zero"),
    ("1 % 0", "modulus by zero"),
    ("9223372036854775807 + 1", "integer overflow"),
    ("1u - 2u", "unsigned integer overflow"),
    ("dyn(1) + 'a'", "no such overload"),
    ("int('a')", "type conversion error from 'string' to 'int'"),
    ("optional.none().value()", "optional.none() dereference"),
    ("duration('x' + 'y')", "type conversion error from 'string' to 'google.protobuf.Duration'"),
]


@pytest.mark.parametrize(("expression", "message"), FAILURES, ids=[text for text, _ in FAILURES])
def test_an_evaluation_fails_with_upstreams_words(expression: str, message: str) -> None:
    with pytest.raises(cel.EvaluationError) as caught:
        cel.compile(expression, VARIABLES).evaluate(BINDINGS)
    assert str(caught.value) == message


def test_the_result_type_can_be_demanded() -> None:
    with pytest.raises(cel.CompileError, match="expected type 'bool' but found 'int'"):
        cel.compile("x", VARIABLES, result=cel.BOOL)
    assert cel.compile("self.flag", VARIABLES, result=cel.BOOL).result == cel.DYN


def test_a_program_knows_the_variables_it_mentions() -> None:
    assert cel.compile("l.exists(x, x > 1) && s == 'a'", VARIABLES).used == {"l", "s"}


def test_one_evaluation_may_not_cost_more_than_the_limit() -> None:
    program = cel.compile("l.map(i, l.map(j, i))", VARIABLES)
    with pytest.raises(CallCostExceeded, match="operation cancelled: actual cost limit exceeded"):
        program.evaluate(BINDINGS | {"l": list(range(5000))})


def test_evaluations_share_a_budget() -> None:
    program = cel.compile("l.all(i, i < 10)", VARIABLES)
    budget = cel.Budget(50)
    program.evaluate(BINDINGS, budget)
    with pytest.raises(cel.BudgetExceeded, match="running out of cost budget"):
        for _ in range(10):
            program.evaluate(BINDINGS, budget)


@pytest.mark.parametrize(
    "expression", ["l.all(i, i < 10)", "s + s == s", "l.map(i, l.map(j, i + j))", "s.matches('a+')"]
)
def test_no_evaluation_costs_more_than_the_estimate(expression: str) -> None:
    variables = {**VARIABLES, "s": cel.STRING.sized(10)}
    program = cel.compile(expression, variables)
    budget = cel.Budget(10_000_000)
    program.evaluate({"l": list(range(9)), "s": "a" * 10}, budget)
    assert 10_000_000 - budget.left <= program.max_cost() < 10_000


def test_unbounded_nested_loops_are_estimated_as_too_expensive() -> None:
    strings = cel.list_of(cel.STRING)
    assert cel.compile("l.all(a, l.all(b, a == b))", {"l": strings}).max_cost() > 10_000_000


def test_deep_nesting_is_refused_and_not_fatal() -> None:
    with pytest.raises(cel.CompileError):
        cel.compile("(" * 5000 + "1" + ")" * 5000, {})
    with pytest.raises(cel.CompileError):
        cel.compile("[" * 300 + "]" * 300, {})
