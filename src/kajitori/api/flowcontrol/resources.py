"""flowcontrol.apiserver.k8s.io/v1: FlowSchemas and priority levels. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.cells import NONE, UNKNOWN, age, dig, name, table
from kajitori.api.flowcontrol import validation
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, RulesStrategy, resource

Object = dict[str, Any]
V1 = "flowcontrol.apiserver.k8s.io/v1"
DEFAULT_PRECEDENCE = 1000


def _schema_row(obj: Object, now: datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    dangling = next((c for c in dig(obj, "status.conditions", ()) if c.get("type") == "Dangling"), None)
    return [
        name(obj),
        dig(spec, "priorityLevelConfiguration.name", ""),
        spec.get("matchingPrecedence", 0),
        dig(spec, "distinguisherMethod.type") or NONE,
        age(obj, now),
        "?" if dangling is None else dangling.get("status", ""),
    ]


def _level_row(obj: Object, now: datetime) -> list[Any]:
    limited = dig(obj, "spec.limited", {})
    queuing = dig(limited, "limitResponse.queuing", {})
    shares = limited.get("nominalConcurrencyShares", NONE if not limited else UNKNOWN)
    sizes = [queuing.get(field, NONE) for field in ("queues", "handSize", "queueLengthLimit")]
    return [name(obj), dig(obj, "spec.type", ""), shares, *sizes, age(obj, now)]


def _schema_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec["matchingPrecedence"] = spec.get("matchingPrecedence") or DEFAULT_PRECEDENCE


def _level_defaults(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    if spec.get("type") == "Exempt":
        exempt = spec["exempt"] = spec.get("exempt") or {}
        exempt.setdefault("nominalConcurrencyShares", 0)
        exempt.setdefault("lendablePercent", 0)
    limited = spec.get("limited")
    if limited is not None:
        limited.setdefault("nominalConcurrencyShares", 30)
        limited.setdefault("lendablePercent", 0)
        response = limited.setdefault("limitResponse", {})
        if response.get("type") == "Queue":
            queuing = response["queuing"] = response.get("queuing") or {}
            for field, value in (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50)):
                queuing.setdefault(field, value)


SCHEMAS = Rules(
    defaults=_schema_defaults,
    validate=validation.flow_schema,
    validate_status=validation.conditions,
    status=True,
    status_keeps=("labels", "annotations", "finalizers", "ownerReferences"),
    generation=True,
    table=table("Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL", _schema_row),
)
LEVELS = Rules(
    defaults=_level_defaults,
    validate=validation.priority_level,
    validate_status=validation.conditions,
    status=True,
    status_keeps=("labels", "annotations", "finalizers", "ownerReferences"),
    generation=True,
    table=table("Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age", _level_row),
)


class SchemaStrategy(RulesStrategy):
    """Tables list the schemas as they are tried."""

    @staticmethod
    def table_order(obj: Object) -> tuple[int, str]:
        return dig(obj, "spec.matchingPrecedence", 0), name(obj)


RESOURCES: list[Resource] = [
    resource(V1, "flowschemas", "FlowSchema", SCHEMAS, strategy=SchemaStrategy(SCHEMAS), namespaced=False),
    resource(V1, "prioritylevelconfigurations", "PriorityLevelConfiguration", LEVELS, namespaced=False),
]
