"""A strategy put together from plain functions, so that a group states its rules instead of subclassing.

`Rules` names the functions; `RulesStrategy` calls them at the API server's hooks. What upstream does for every kind
with a status (the status is its subresource's, the generation counts changes of the rest) is switched by two flags.

May import: api.naming, api.{registration,strategy}, api.cells, api.zeros, machinery.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kajitori.api import naming
from kajitori.api.cells import NAME_AND_AGE, Table
from kajitori.api.registration import Resource, Subresource
from kajitori.api.strategy import Object, Strategy
from kajitori.machinery.fieldpath import FieldError

Change = Callable[[Object], None]
ChangeUpdate = Callable[[Object, Object], None]
Check = Callable[[Object], list[FieldError]]
CheckUpdate = Callable[[Object, Object], list[FieldError]]


def unchecked(obj: Object) -> list[FieldError]:
    """`revalidate` of a kind of which an update may change nothing that could be wrong."""
    return []


UNCOUNTED = frozenset({"metadata", "status", "apiVersion", "kind"})
"""Fields whose change leaves the generation as it is."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The functions that make a kind what it is; every one is optional and pure."""

    defaults: Change | None = None
    validate: Check | None = None
    revalidate: Check | None = None  # of an updated object, where that is not `validate`
    validate_update: CheckUpdate | None = None
    validate_status: CheckUpdate | None = None
    on_create: Change | None = None
    on_update: ChangeUpdate | None = None
    on_status: ChangeUpdate | None = None
    warnings: Callable[[Object, Object | None], list[str]] | None = None
    grace_period_s: Callable[[Object, int | None], int | None] | None = None
    status: bool = False
    status_keeps: tuple[str, ...] = ()  # see Strategy
    generation: bool = False
    counted: tuple[str, ...] = ()  # of the metadata: whose change is a new generation too
    table: Table = NAME_AND_AGE


class RulesStrategy(Strategy):
    """Calls a kind's `Rules` at the hooks of the request path."""

    definition = ""
    """The type's name, for the zeros that it prints; set at registration."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.reads = rules.table.reads
        self.status_keeps = rules.status_keeps
        self._settle: Change | None = None
        self._blank: Object | None = None

    def default(self, obj: Object) -> None:
        if self.definition:
            (self._settle or self._settler())(obj)
        if self.rules.defaults:
            self.rules.defaults(obj)

    def _settler(self) -> Change:
        """What gives an object the zeros that its type prints, and no others: found once, when the first one comes."""
        from kajitori.api import zeros

        self._settle = zeros.settler_of(self.definition)
        return self._settle

    def blank(self) -> Object:
        if self._blank is None:
            from kajitori.api import zeros

            self._blank = {"metadata": {}} | zeros.blank_of(self.definition)
        return self._blank

    def prepare_for_create(self, obj: Object) -> None:
        if self.rules.status:
            obj.pop("status", None)
        if self.rules.generation:
            obj["metadata"]["generation"] = 1
        else:
            obj["metadata"].pop("generation", None)
        if self.rules.on_create:
            self.rules.on_create(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        if self.rules.status:
            obj.pop("status", None)
            if "status" in old:
                obj["status"] = old["status"]
        if self.rules.on_update:
            self.rules.on_update(obj, old)
        if self.rules.generation:
            changed = any(obj.get(k) != old.get(k) for k in obj.keys() | old.keys() if k not in UNCOUNTED)
            for name in self.rules.counted:
                changed = changed or (obj["metadata"].get(name) or {}) != (old["metadata"].get(name) or {})
            obj["metadata"]["generation"] = (old["metadata"].get("generation") or 1) + changed

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        super().prepare_for_status_update(obj, old)
        if self.rules.on_status:
            self.rules.on_status(obj, old)

    def validate(self, obj: Object) -> list[FieldError]:
        return self.rules.validate(obj) if self.rules.validate else []

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        check = self.rules.revalidate or self.validate
        errors = check(obj)
        if any(error.ratchet for error in errors):
            known = {error.ratchet for error in check(old)} - {""}
            errors = [error for error in errors if error.ratchet not in known]
        return errors + self.rules.validate_update(obj, old) if self.rules.validate_update else errors

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return self.rules.validate_status(obj, old) if self.rules.validate_status else []

    def warnings(self, obj: Object, old: Object | None) -> list[str]:
        return self.rules.warnings(obj, old) if self.rules.warnings else []

    def grace_period_s(self, obj: Object, requested: int | None) -> int | None:
        return self.rules.grace_period_s(obj, requested) if self.rules.grace_period_s else None

    def row(self, obj: Object, now: datetime) -> list[Any]:
        return self.rules.table.row(obj, now)

    def row_conditions(self, obj: Object) -> list[dict[str, str]]:
        conditions = self.rules.table.conditions
        return conditions(obj) if conditions else []


STATUS = {"status": Subresource()}
SCALE = {"scale": Subresource(kind="Scale", group="autoscaling", version="v1")}


def resource(group_version: str, plural: str, kind: str, rules: Rules = Rules(), **more: Any) -> Resource:
    """Registers a kind, namespaced unless told otherwise; kinds with a status get the subresource."""
    group, _, version = group_version.rpartition("/")
    subresources = (STATUS if rules.status else {}) | more.pop("subresources", {})
    strategy = more.pop("strategy", None) or RulesStrategy(rules)
    if isinstance(strategy, RulesStrategy):
        strategy.definition = naming.definition_name(group, version, kind)
    return Resource(
        group=group,
        version=version,
        plural=plural,
        kind=kind,
        namespaced=more.pop("namespaced", True),
        columns=rules.table.columns,
        strategy=strategy,
        subresources=dict(sorted(subresources.items())),
        **more,
    )


def selectable(**paths: str) -> Callable[[Object], dict[str, str]]:
    """Fields that a field selector may name beside name and namespace: keyword → dotted path with its default.

    A keyword's double underscore stands for a dot; ``path|default`` gives the value of an absent field.
    """
    steps = {key.replace("__", "."): (key.split("__"), default) for key, default in paths.items()}

    def fields(obj: Object) -> dict[str, str]:
        metadata = obj.get("metadata") or {}
        found = {"metadata.name": metadata.get("name", ""), "metadata.namespace": metadata.get("namespace", "")}
        for key, (names, default) in steps.items():
            value: Any = obj
            for step in names:
                value = value.get(step) if isinstance(value, dict) else None
            found[key] = default if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return found

    return fields
