"""Validation rules of a schema: do they compile, and what may they cost? Upstream's limits and words.

A rule inside lists and maps is run for each of their elements, so its cost is multiplied by how many there may be.
Imported when a schema has rules. May import: cel, api.apiextensions.schemas, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori import cel
from kajitori.api.apiextensions.schemas import Where, below, in_items
from kajitori.cel import schema as cel_schema
from kajitori.cel.estimate import CEILING
from kajitori.cel.types import optional_of
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, invalid

Raw = Mapping[str, Any]
Errors = list[FieldError]
RULE_LIMIT = 10_000_000
SCHEMA_LIMIT = 100_000_000
_MOST_EXPENSIVE = 4
_HINT = (
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
    "declared)"
)


def check(raw: Raw, path: Path) -> Errors:
    """The rules of a whole schema."""
    walk = _Walk()
    walk.node(raw, path, Where(), cel_schema.type_of_schema(raw, root=True), 1, root=True)
    return walk.errors + walk.total_errors(path)


class _Walk:
    def __init__(self) -> None:
        self.errors: Errors = []
        self._total = 0
        self._expensive: list[tuple[int, Path]] = []

    def node(self, raw: Raw, path: Path, where: Where, kind: Any, times: int, *, root: bool = False) -> None:
        """`times`: how often the rules here may be run for one object."""
        if kind is None:
            return
        for index, rule in enumerate(raw.get("x-kubernetes-validations") or ()):
            if (rule.get("rule") or "").strip():
                self._rule(rule, path.child("x-kubernetes-validations").index(index), where, kind, times)
        for name, child in (raw.get("properties") or {}).items():
            inner = _child_type(kind, name, child)
            self.node(child, path.child("properties").key(name), below(raw, where, path, name, root=root), inner, times)
        items, additional = raw.get("items"), raw.get("additionalProperties")
        if isinstance(items, Mapping) and kind.kind == "list":
            more = _product(times, kind.max_size)
            self.node(items, path.child("items"), in_items(raw, where, path), kind.params[0], more)
        if isinstance(additional, Mapping) and kind.kind == "map":
            more = _product(times, kind.max_size)
            self.node(additional, path.child("additionalProperties"), where, kind.params[1], more)

    def _rule(self, rule: Raw, at: Path, where: Where, kind: Any, times: int) -> None:
        old = optional_of(kind) if rule.get("optionalOldSelf") else kind
        variables = {"self": kind, "oldSelf": old}
        program = self._compiled(rule, "rule", "compilation failed", variables, at)
        if program is None:
            return
        if program.result.kind not in ("bool", "dyn"):
            problem = "cel expression must evaluate to a bool"
            self.errors.append(invalid(at.child("rule"), _shown(rule), problem))
        self._cost("estimated rule cost", _product(program.max_cost(), times), at.child("rule"))
        if rule.get("messageExpression", "").strip():
            self._message(rule, variables, at, times)
        self._transition(rule, "oldSelf" in program.used, at, where)

    def _compiled(
        self, rule: Raw, field: str, prefix: str, variables: Mapping[str, Any], at: Path
    ) -> cel.Program | None:
        try:
            return cel.compile(rule[field], variables)
        except cel.CompileError as error:
            self.errors.append(invalid(at.child(field), _shown(rule), f"{prefix}: {error}"))
            return None

    def _message(self, rule: Raw, variables: Mapping[str, Any], at: Path, times: int) -> None:
        prefix = "messageExpression compilation failed"
        program = self._compiled(rule, "messageExpression", prefix, variables, at)
        if program is None:
            return
        if program.result.kind not in ("string", "dyn"):
            problem = "messageExpression must evaluate to a string"
            self.errors.append(invalid(at.child("messageExpression"), _shown(rule), problem))
        cost = _product(program.max_cost(), times)
        self._cost("estimated messageExpression cost", cost, at.child("messageExpression"))

    def _cost(self, name: str, cost: int, at: Path) -> None:
        if cost > RULE_LIMIT:
            self.errors.append(forbidden(at, _exceeds(name, cost, RULE_LIMIT)))
        self._total = min(self._total + cost, CEILING)
        self._expensive = sorted([*self._expensive, (cost, at)], key=lambda item: -item[0])[:_MOST_EXPENSIVE]

    def _transition(self, rule: Raw, uses_old: bool, at: Path, where: Where) -> None:
        if uses_old and where.uncorrelatable is not None:
            place = where.uncorrelatable
            message = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {place}"
            self.errors.append(invalid(at.child("rule"), rule["rule"], message))
        if not uses_old and rule.get("optionalOldSelf") is not None:
            message = "may not be set if oldSelf is not used in rule"
            self.errors.append(invalid(at.child("optionalOldSelf"), rule["optionalOldSelf"], message))

    def total_errors(self, path: Path) -> Errors:
        """What there is to say of all rules together."""
        if self._total <= SCHEMA_LIMIT:
            return []
        message = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
        found = [forbidden(at, message) for _, at in self._expensive]
        name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
        return [*found, forbidden(path, _exceeds(name, self._total, SCHEMA_LIMIT))]


def _child_type(kind: Any, name: str, raw: Raw) -> Any:
    escaped = cel_schema.escape(name)
    if escaped is not None and isinstance(kind, cel.ObjectType):
        return kind.fields.get(escaped)
    return cel_schema.type_of_schema(raw, name=name)


def _product(one: int, other: int) -> int:
    return min(one * max(other, 0), CEILING)


def _exceeds(name: str, cost: int, limit: int) -> str:
    factor = cost / limit
    shown = "more than 100x" if factor > 100 else f"{factor:.6f}x" if factor < 1.5 else f"{factor:.1f}x"
    return f"{name} exceeds budget by factor of {shown} {_HINT}"


def _shown(rule: Raw) -> dict[str, Any]:
    """A rule as upstream's errors show it."""
    return {
        "Rule": rule.get("rule") or "",
        "Message": rule.get("message") or "",
        "MessageExpression": rule.get("messageExpression") or "",
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
