"""Moments keep the place where they were written down, and what `format` shows of values: as upstream's libraries do."""

import pytest

from kajitori import cel
from kajitori.cel.schema import convert

EAST = "timestamp('2024-01-01T01:00:00.25+02:00')"
SHOWN = [
    (EAST, "2024-01-01T01:00:00.25+02:00"),
    ("timestamp('2024-01-01T01:00:00-00:30')", "2024-01-01T01:00:00-00:30"),
    ("timestamp('2024-01-01T10:00:00-00:00')", "2024-01-01T10:00:00Z"),
    (f"timestamp({EAST})", "2024-01-01T01:00:00.25+02:00"),
    (f"{EAST} + duration('24h')", "2024-01-02T01:00:00.25+02:00"),
    (f"duration('1h') + {EAST}", "2024-01-01T02:00:00.25+02:00"),
    (f"{EAST} - duration('2h')", "2023-12-31T23:00:00.25+02:00"),
    (f"{EAST} - timestamp('2023-12-31T23:00:00.25Z')", "0s"),
    (f"{EAST} == timestamp('2023-12-31T23:00:00.25Z')", "true"),
    (f"{EAST}.getHours()", "23"),  # parts are in UTC unless a zone is named
    (f"{EAST}.getFullYear()", "2023"),
    (f"{EAST}.getHours('')", "23"),
    (f"{EAST}.getHours('-03:00')", "20"),
    (f"int({EAST})", "1704063600"),
    ("timestamp(1704103200)", "2024-01-01T10:00:00Z"),
    ("timestamp('0001-01-01T00:00:00Z')", "0001-01-01T00:00:00Z"),
    (f"[{EAST}]", '[timestamp("2024-01-01T01:00:00.25+02:00")]'),
    ("[duration('90m'), duration('1ms')]", '[duration("5400s"), duration("0.001s")]'),
    ("{'a': duration('1s')}", '{"a":duration("1s")}'),
    ("[b'abc']", '[b"abc"]'),
    ("[1.0/0.0, -1.0/0.0, 0.0/0.0, 1.5]", '["+Inf", "-Inf", "NaN", 1.500000]'),
    ("[type(1), type('a')]", "[int, string]"),
    ("[null, {true: null}]", "[null, {true:null}]"),
]


@pytest.mark.parametrize(("expression", "shown"), SHOWN)
def test_a_value_is_shown_as_upstream_shows_it(expression: str, shown: str) -> None:
    assert cel.compile(f"'%s'.format([{expression}])", {}).evaluate({}) == shown


def test_a_field_that_is_a_moment_keeps_its_place_too() -> None:
    raw = {"type": "string", "format": "date-time"}
    moment = convert(raw, "2024-01-01T10:00:00+02:00")
    assert cel.compile("string(t)", {"t": cel.TIMESTAMP}).evaluate({"t": moment}) == "2024-01-01T10:00:00+02:00"


@pytest.mark.parametrize("text", ["2024-01-01t10:00:00Z", "2024-01-01T10:00:00z", "2024-01-01T10:00:00+25:00"])
def test_what_is_no_moment_to_go_is_refused(text: str) -> None:
    with pytest.raises(cel.EvaluationError, match="invalid RFC 3339 timestamp"):
        cel.compile("timestamp(t)", {"t": cel.STRING}).evaluate({"t": text})


@pytest.mark.parametrize(
    ("arguments", "given"),
    [("o", "o"), ("[o]", "o"), ("[[o]]", "o"), ("{'a': [o]}", "o"), ("ip('::1')", "net.IP"), ("o.?a", "optional_type")],
)
def test_what_has_no_text_is_refused_before_it_runs(arguments: str, given: str) -> None:
    kind = cel.ObjectType("o", {"a": cel.STRING})
    with pytest.raises(cel.CompileError, match=f"durations, and timestamps, was given {given}"):
        cel.compile(f"'%s'.format([{arguments}])", {"o": kind})
    assert cel.compile(f"'%s'.format([dyn({arguments})])", {"o": kind})
