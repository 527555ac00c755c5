"""What upstream's libraries made of the same expressions over the same object: value or error, and the estimated cost.

A case is an expression, what the compiler said of it (the lines that show the place are left out), what `%s` shows of its
value (or why it has none), and the most that the rule around it can cost.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from kajitori import cel
from kajitori.api.apiextensions.enforcement import Rules
from kajitori.cel import schema as cel_schema

CASES = Path(__file__).parent / "cases"
ENVIRONMENT = json.loads((CASES / "environment.json").read_text())


def cases() -> list[Any]:
    rows = [json.loads(line) for line in (CASES / "expressions.jsonl").read_text().splitlines()]
    return [pytest.param(*row, id=row[0][:60]) for row in rows]


@pytest.mark.parametrize(("expression", "error", "shown", "cost"), cases())
def test_an_expression_means_what_it_means_upstream(expression: str, error: str, shown: str, cost: int) -> None:
    rule = f"[{expression}].size() == 99"
    wanted = {"rule": rule, "messageExpression": f"'%s'.format([{expression}])"}
    raw = {"type": "object", "properties": ENVIRONMENT["properties"], "x-kubernetes-validations": [wanted]}
    kind = cel_schema.type_of_schema(raw)
    assert kind is not None
    try:
        program = cel.compile(rule, {"self": kind, "oldSelf": kind})
    except cel.CompileError as wrong:
        said = [line for line in str(wrong).split("\n") if not line.startswith(" | ")]
        assert "\n".join(said) == error
        return
    assert program.constant_fault() == error
    if error:
        return
    assert program.max_cost(kind) == cost
    value = ENVIRONMENT["value"]
    (found,) = Rules(raw, is_root=False).check(value, value, ratchet=False)
    assert found.detail.replace(rule, "RULE") == shown
