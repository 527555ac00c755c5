"""CEL over one device, as claims and classes select by it. May import: cel, machinery."""

from __future__ import annotations

from typing import Final

from kajitori import cel
from kajitori.cel.semantics import QUANTITY
from kajitori.cel.types import BOOL, DYN, STRING, ObjectType, map_of
from kajitori.machinery.fieldpath import FieldError, Path, invalid

_DEVICE: Final = ObjectType(
    "kubernetes.DRADevice",
    {
        "driver": STRING,
        "attributes": map_of(STRING, map_of(STRING, DYN)),
        "capacity": map_of(STRING, map_of(STRING, QUANTITY)),
    },
)


def check(path: Path, expression: str) -> list[FieldError]:
    """What is wrong with a condition."""
    try:
        program = cel.compile(expression, {"device": _DEVICE})
    except cel.CompileError as error:
        return [invalid(path, expression, f"compilation failed: {error}")]
    if program.result in (BOOL, DYN):
        return []
    return [invalid(path, expression, "must evaluate to bool or the unknown type, not " + str(program.result))]
