"""x-kubernetes-validations: rules of a schema, compiled once, run over objects with a common cost budget.

A rule that mentions oldSelf judges a change, so it needs an old value that can be told apart: fields of objects and
maps, items of lists that are maps. Any other rule that fails on an unchanged value only warns (ratcheting).
May import: cel, api.apiextensions.values, machinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kajitori import cel
from kajitori.api.apiextensions.values import MISSING, correlated, has_rules
from kajitori.cel import schema as cel_schema
from kajitori.cel import types as cel_types
from kajitori.cel.budget import Budget
from kajitori.cel.errors import CallCostExceeded
from kajitori.cel.values import NONE, Optional
from kajitori.machinery import fieldpath
from kajitori.machinery.fieldpath import FieldError, Path
from kajitori.machinery.gotext import render

Raw = Mapping[str, Any]
Errors = list[FieldError]
MAX_MESSAGE = 5 * 1024


class CompiledRule:
    """One rule. `problem` is why it cannot be used."""

    def __init__(self, rule: Raw, kind: Any) -> None:
        self.rule = rule
        self.text: str = rule.get("rule") or ""
        self.optional = bool(rule.get("optionalOldSelf"))
        self.problem = ""
        self.message_problem = ""
        self.program: cel.Program | None = None
        self.message_program: cel.Program | None = None
        old = cel_types.optional_of(kind) if self.optional else kind
        variables = {"self": kind, "oldSelf": old}
        try:
            self.program = cel.compile(self.text, variables)
        except cel.CelError as error:
            self.problem = f"compilation failed: {error}"
        else:
            if self.program.result.kind != "bool":
                self.problem = "cel expression must evaluate to a bool"
        if rule.get("messageExpression"):
            self._compile_message(rule["messageExpression"], variables)

    def _compile_message(self, expression: str, variables: Mapping[str, Any]) -> None:
        try:
            self.message_program = cel.compile(expression, variables)
        except cel.CelError as error:
            self.message_problem = f"messageExpression compilation failed: {error}"
        else:
            if self.message_program.result.kind != "string":
                self.message_problem = "messageExpression must evaluate to a string"

    @property
    def uses_old(self) -> bool:
        """Whether this is a transition rule."""
        return self.program is not None and "oldSelf" in self.program.used

    @property
    def shown(self) -> str:
        """What errors call this rule."""
        return str(self.rule.get("message") or self.text).strip()


class Node:
    """The rules at one place of a schema, and below it."""

    def __init__(self, raw: Raw, rules_of: Raw, *, root: bool, kind: Any) -> None:
        self.raw = raw
        self.type = raw.get("type") or ""
        self.root = root
        rules = rules_of.get("x-kubernetes-validations") or ()
        self.rules = [CompiledRule(rule, kind) for rule in rules] if kind is not None else []
        self.convert = cel_schema.needs_conversion(raw)
        self.properties: dict[str, Node] = {}
        self.items: Node | None = None
        self.additional: Node | None = None
        self.all_of: list[Node] = []
        if kind is not None:
            self._descend(raw, rules_of, kind)

    def _descend(self, raw: Raw, rules_of: Raw, kind: Any) -> None:
        for name, child in (rules_of.get("properties") or {}).items():
            spine = (raw.get("properties") or {}).get(name)
            if spine is not None and has_rules(child):
                self.properties[name] = Node(spine, child, root=_embedded(spine), kind=_child_type(kind, name, spine))
        for field in ("items", "additionalProperties"):
            child, spine = rules_of.get(field), raw.get(field)
            if isinstance(child, Mapping) and isinstance(spine, Mapping) and has_rules(child) and kind.params:
                made = Node(spine, child, root=_embedded(spine), kind=kind.params[-1])
                if field == "items":
                    self.items = made
                else:
                    self.additional = made
        self.all_of = [
            Node(raw, part, root=self.root, kind=kind) for part in rules_of.get("allOf") or () if has_rules(part)
        ]


def _embedded(raw: Raw) -> bool:
    return bool(raw.get("x-kubernetes-embedded-resource"))


def _child_type(kind: Any, name: str, raw: Raw) -> Any:
    escaped = cel_schema.escape(name)
    if escaped is not None and isinstance(kind, cel.ObjectType):
        return kind.fields.get(escaped)
    return cel_schema.type_of_schema(raw, name=name)


class Rules:
    """All rules of a version."""

    def __init__(self, raw: Raw, *, is_root: bool = True) -> None:
        self._node = Node(raw, raw, root=is_root, kind=cel_schema.type_of_schema(raw, root=is_root))

    def check(
        self,
        obj: Any,
        old: Any | None,
        limit: int | None = None,
        *,
        at: Path | None = None,
        warnings: list[str] | None = None,
        ratchet: bool = True,
    ) -> Errors:
        """What the rules say of an object, or of its change; `warnings` gets what was let pass.

        `at`: where the object is, in errors; `ratchet`: what is as it was may go on breaking a rule.
        """
        run = _Run(Budget(limit) if limit is not None else Budget(), ratchet=ratchet)
        try:
            run.node(self._node, obj, MISSING if old is None else old, at or Path(), unchanged=False)
        except _Stop:
            pass
        if warnings is not None:
            warnings.extend(map(str, run.let_pass))
        return run.errors


class _Stop(Exception):
    """No further rules are run."""


class _Run:
    """One validation: the errors so far and the budget left."""

    def __init__(self, budget: Budget, *, ratchet: bool) -> None:
        self.errors: Errors = []
        self._ratchet = ratchet
        self.let_pass: Errors = []
        self._budget = budget

    def node(self, node: Node, value: Any, old: Any, path: Path, *, unchanged: bool) -> None:
        """`unchanged`: a place above is known to be as it was."""
        if value is None:
            return
        same = self._ratchet and (unchanged or (old is not MISSING and old == value))
        if node.rules:
            self._rules(node, value, old, path, same)
        for part in node.all_of:
            self.node(part, value, old, path, unchanged=unchanged)
        if isinstance(value, list) and node.items is not None:
            before = correlated(node.raw, None if old is MISSING else old)
            for index, item in enumerate(value):
                self.node(node.items, item, before(item), path.index(index), unchanged=same)
        elif isinstance(value, dict):
            self._fields(node, value, old, path, same)

    def _fields(self, node: Node, value: dict[str, Any], old: Any, path: Path, same: bool) -> None:
        correlates = isinstance(old, dict)
        for name, item in value.items():
            child = node.properties.get(name)
            part = child or (None if name in (node.raw.get("properties") or {}) else node.additional)
            if part is None:
                continue
            before = old.get(name, MISSING) if correlates else MISSING
            where = path.child(name) if child is not None else path.key(name)
            self.node(part, item, before, where, unchanged=same)

    def _rules(self, node: Node, value: Any, old: Any, path: Path, same: bool) -> None:
        where = path if str(path) else Path("<nil>")
        shown = _visible(node, value)
        before = _visible(node, old) if old is not MISSING and old is not None else MISSING
        for rule in node.rules:
            if rule.program is None or rule.problem:
                self.errors.append(fieldpath.invalid(where, node.type, f"rule compile error: {rule.problem}"))
                continue
            if rule.uses_old and before is MISSING and not rule.optional:
                continue
            if rule.optional:
                bound: Any = NONE if before is MISSING else Optional(before)
            else:
                bound = None if before is MISSING else before
            self._rule(rule, node, {"self": shown, "oldSelf": bound}, path, where, same)

    def _rule(
        self, rule: CompiledRule, node: Node, bound: Mapping[str, Any], path: Path, where: Path, same: bool
    ) -> None:
        assert rule.program is not None
        try:
            outcome = rule.program.evaluate(bound, self._budget)
        except CallCostExceeded as error:
            why = "no further validation rules will be run due to call cost exceeds limit for rule: "
            why = f"'{error}': {why}{rule.shown}"
            self._stop(fieldpath.invalid(where, node.type, why))
        except cel.BudgetExceeded as error:
            self._stop(fieldpath.invalid(where, node.type, str(error)))
        except cel.EvaluationError as error:
            text = str(error)
            if text.startswith("no such overload"):
                why = "call arguments did not match a supported operator, function or macro signature for rule: "
                text = f"'{text}': {why}{rule.shown}"
            else:
                text = f"{text} evaluating rule: {rule.shown}"
            self.errors.append(fieldpath.invalid(where, node.type, text))
            return
        if outcome is True:
            return
        at = _at(path, rule.rule.get("fieldPath") or "")
        failure = _failure(rule, at, node.type, self._message(rule, bound, at, node.type))
        (self.let_pass if same and not rule.uses_old else self.errors).append(failure)

    def _stop(self, error: FieldError) -> None:
        self.errors.append(error)
        raise _Stop

    def _message(self, rule: CompiledRule, bound: Mapping[str, Any], at: Path, kind: str) -> str:
        fallback = rule.rule.get("message")
        default = str(fallback).strip() if fallback else f"failed rule: {rule.text.strip()}"
        if rule.message_program is None or rule.message_problem:
            return default
        quoted = render(rule.rule["messageExpression"])
        try:
            text = rule.message_program.evaluate(bound, self._budget)
        except CallCostExceeded:
            why = "no further validation rules will be run due to call cost exceeds limit for messageExpression: "
            self._stop(fieldpath.invalid(at, kind, why + quoted))
        except cel.BudgetExceeded:
            why = "messageExpression evaluation failed due to running out of cost budget, no further validation rules "
            self._stop(fieldpath.invalid(at, kind, why + "will be run"))
        except cel.EvaluationError:
            return default
        text = text.strip() if isinstance(text, str) else ""
        return text if text and len(text.encode()) <= MAX_MESSAGE and "\n" not in text else default


def _failure(rule: CompiledRule, at: Path, kind: str, message: str) -> FieldError:
    match rule.rule.get("reason"):
        case "FieldValueForbidden":
            return fieldpath.forbidden(at, message)
        case "FieldValueRequired":
            return fieldpath.required(at, message)
        case "FieldValueDuplicate":
            return fieldpath.duplicate(at, kind)
    return fieldpath.invalid(at, kind, message)


def _at(path: Path, below: str) -> Path:
    """The place that a rule's fieldPath names: `.a.b`, `.a['x.y']`."""
    if not below:
        return path if str(path) else Path("<nil>")
    found = path
    for name, is_key in split_path(below):
        found = found.key(name) if is_key else found.child(name)
    return found


def split_path(text: str) -> list[tuple[str, bool]]:
    """The steps of a fieldPath; the second says whether it was written in brackets. Raises ValueError."""
    steps: list[tuple[str, bool]] = []
    position = 0
    for match in re.finditer(r"\.([^.\[\]']+)|\['((?:\\.|[^'\\])*)'\]", text):
        if match.start() != position:
            break
        steps.append((match[1], False) if match[1] is not None else (re.sub(r"\\(.)", r"\1", match[2]), True))
        position = match.end()
    if position != len(text) or not steps:
        raise ValueError(text)
    return steps


def _visible(node: Node, value: Any) -> Any:
    """A value as expressions see it: of metadata only the name, at roots."""
    if node.convert:
        value = cel_schema.convert(node.raw, value)
    if node.root and isinstance(value, dict) and isinstance(value.get("metadata"), dict):
        meta = value["metadata"]
        value = {**value, "metadata": {name: meta[name] for name in ("name", "generateName") if name in meta}}
    return value
