"""coordination.k8s.io/v1: Leases. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api import checks
from kajitori.api.cells import age, dig, name, table
from kajitori.api.checks import Errors
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, resource
from kajitori.machinery.fieldpath import Path

SPEC = Path("spec")


def _row(obj: dict[str, Any], now: datetime) -> list[Any]:
    return [name(obj), dig(obj, "spec.holderIdentity", ""), age(obj, now)]


def _validate(obj: dict[str, Any]) -> Errors:
    spec = obj.get("spec") or {}
    errors = checks.positive(SPEC.child("leaseDurationSeconds"), spec.get("leaseDurationSeconds"))
    return errors + checks.non_negative(SPEC.child("leaseTransitions"), spec.get("leaseTransitions"))


def _drop_disabled(obj: dict[str, Any]) -> None:
    """Elections by the server stand behind a gate that is off in v1.34."""
    _drop_new(obj, {})


def _drop_new(obj: dict[str, Any], old: dict[str, Any]) -> None:
    spec, before = (one.get("spec") or {} for one in (obj, old))
    if before.get("strategy") is None and before.get("preferredHolder") is None:
        for field in ("strategy", "preferredHolder"):
            spec.pop(field, None)


RULES = Rules(validate=_validate, on_create=_drop_disabled, on_update=_drop_new, table=table("Name, Holder, Age", _row))
RESOURCES: list[Resource] = [resource("coordination.k8s.io/v1", "leases", "Lease", RULES)]
