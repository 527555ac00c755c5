"""CEL, the Common Expression Language, with Kubernetes' function libraries: parsed, type-checked, costed, evaluated.

    program = cel.compile("object.spec.replicas <= params.max", {"object": cel.DYN, "params": cel.DYN}, result=cel.BOOL)
    program.evaluate({"object": obj, "params": params}, cel.Budget(1_000_000))

`compile` raises CompileError, `evaluate` EvaluationError or BudgetExceeded (all CelError). Values are wire values:
dict, list, str, int, float, bool, None; `cel.schema.convert` makes timestamps, durations and the like of strings where
a schema says so. Results are Python values of the same kinds, or cel.values' own.

Pure. Names are loaded on first use: importing this package costs nothing. May import: machinery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kajitori.cel.budget import Budget
    from kajitori.cel.errors import BudgetExceeded, CelError, CompileError, EvaluationError, Issue
    from kajitori.cel.program import Program, compile  # noqa: A004 (as in re.compile)
    from kajitori.cel.types import (
        BOOL,
        BYTES,
        DOUBLE,
        DURATION,
        DYN,
        INT,
        NULL,
        STRING,
        TIMESTAMP,
        UINT,
        ObjectType,
        Type,
        list_of,
        map_of,
    )

_WHERE = {
    "Budget": "budget",
    "BudgetExceeded": "errors",
    "CelError": "errors",
    "CompileError": "errors",
    "EvaluationError": "errors",
    "Issue": "errors",
    "Program": "program",
    "compile": "program",
    **dict.fromkeys(
        ("BOOL", "BYTES", "DOUBLE", "DURATION", "DYN", "INT", "NULL", "STRING", "TIMESTAMP", "UINT"), "types"
    ),
    **dict.fromkeys(("ObjectType", "Type", "list_of", "map_of"), "types"),
}
__all__ = [
    "BOOL",
    "BYTES",
    "DOUBLE",
    "DURATION",
    "DYN",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "UINT",
    "Budget",
    "BudgetExceeded",
    "CelError",
    "CompileError",
    "EvaluationError",
    "Issue",
    "ObjectType",
    "Program",
    "Type",
    "compile",
    "list_of",
    "map_of",
]


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{where}"), name)
