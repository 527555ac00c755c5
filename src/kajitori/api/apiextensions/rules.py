"""Validation rules of a schema: do they compile, and what may they cost? Upstream's limits and words.

A rule inside lists and maps is run for each of their elements, so its cost is multiplied by how many there may be.
Imported when a schema has rules. May import: cel, api.apiextensions.schemas, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori import cel
from kajitori.api.apiextensions import shown
from kajitori.api.apiextensions.schemas import Where, below, in_items
from kajitori.api.apiextensions.values import has_rules
from kajitori.cel import schema as cel_schema
from kajitori.cel.schema import MAX_REQUEST
from kajitori.cel.sizes import CEILING
from kajitori.cel.types import optional_of
from kajitori.machinery.fieldpath import FieldError, Path, forbidden, internal, invalid

Raw = Mapping[str, Any]
Errors = list[FieldError]
RULE_LIMIT = 10_000_000
SCHEMA_LIMIT = 100_000_000
_MOST_EXPENSIVE = 4
_NO_BOOL = "cel expression must evaluate to a bool"
_NO_TYPE = (
    "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert "
    "structural schema to CEL declarations"
)
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

    def node(self, raw: Raw, path: Path, where: Where, kind: Any, times: int | None, *, root: bool = False) -> None:
        """`times`: how often the rules here may be run for one object; None: as often as fits into a request."""
        rules = raw.get("x-kubernetes-validations") or ()
        if kind is None:
            if rules:
                self.errors.append(internal(path.child("x-kubernetes-validations"), _NO_TYPE))
            return
        runs = times if times is not None else MAX_REQUEST // (cel_schema.min_size(raw) + 1)
        for index, rule in enumerate(rules):
            if (rule.get("rule") or "").strip():
                self._rule(rule, path.child("x-kubernetes-validations").index(index), where, kind, runs)
        for name, child in (raw.get("properties") or {}).items():
            inner = _child_type(kind, name, child)
            if inner is None and not has_rules(child):
                continue
            self.node(child, path.child("properties").key(name), below(raw, where, name, root=root), inner, times)
        items, additional = raw.get("items"), raw.get("additionalProperties")
        if isinstance(items, Mapping) and kind.kind == "list":
            more = _product(times, raw.get("maxItems"))
            self.node(items, path.child("items"), in_items(raw, where, path), kind.params[0], more)
        if isinstance(additional, Mapping) and kind.kind == "map":
            more = _product(times, raw.get("maxProperties"))
            self.node(additional, path.child("additionalProperties"), where, kind.params[1], more)

    def _rule(self, rule: Raw, at: Path, where: Where, kind: Any, times: int) -> None:
        old = optional_of(kind) if rule.get("optionalOldSelf") else kind
        variables = {"self": kind, "oldSelf": old}
        program = self._compiled(rule, "rule", "compilation failed", variables, at)
        fault = None if program is None else "" if program.result.kind == "bool" else _NO_BOOL
        if program is not None and not fault:
            fault = program.constant_fault()
        if program is None or fault:
            if fault:
                self.errors.append(invalid(at.child("rule"), shown.rule(rule), fault))
            uses_old = program is not None and fault != _NO_BOOL and "oldSelf" in program.used
            self._transition(rule, uses_old, at, where)
            return
        self._cost("estimated rule cost", min(program.max_cost(kind) * times, CEILING), at.child("rule"))
        if rule.get("messageExpression", "").strip():
            self._message(rule, variables, at)
        self._transition(rule, "oldSelf" in program.used, at, where)

    def _compiled(
        self, rule: Raw, field: str, prefix: str, variables: Mapping[str, Any], at: Path
    ) -> cel.Program | None:
        try:
            return cel.compile(rule[field], variables)
        except cel.CompileError as error:
            self.errors.append(invalid(at.child(field), shown.rule(rule), f"{prefix}: {error}"))
            return None

    def _message(self, rule: Raw, variables: Mapping[str, Any], at: Path) -> None:
        prefix = "messageExpression compilation failed"
        program = self._compiled(rule, "messageExpression", prefix, variables, at)
        if program is None:
            return
        if program.result.kind != "string":
            problem = "messageExpression must evaluate to a string"
            self.errors.append(invalid(at.child("messageExpression"), shown.rule(rule), problem))
            return
        cost = program.max_cost(variables["self"])
        self._cost("estimated messageExpression cost", cost, at.child("messageExpression"))

    def _cost(self, name: str, cost: int, at: Path) -> None:
        if cost > RULE_LIMIT:
            self.errors.append(forbidden(at, _exceeds(name, cost, RULE_LIMIT)))
        self._total = min(self._total + cost, CEILING)
        if cost >= SCHEMA_LIMIT // 100:
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


def _product(times: int | None, limit: int | None) -> int | None:
    return None if times is None or limit is None else min(times * max(limit, 0), CEILING)


def _exceeds(name: str, cost: int, limit: int) -> str:
    factor = cost / limit
    shown = "more than 100x" if factor > 100 else f"{factor:.6f}x" if factor < 1.5 else f"{factor:.1f}x"
    return f"{name} exceeds budget by factor of {shown} {_HINT}"
