"""events.k8s.io/v1: Events as their newer clients write them; stored as core/v1 Events. May import: api."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.api.core import event_validation
from kajitori.api.core.columns import EVENTS
from kajitori.api.core.resources import new_event_fields
from kajitori.api.events import conversion
from kajitori.api.registration import Resource
from kajitori.api.rules import Rules, RulesStrategy, resource
from kajitori.machinery.fieldpath import FieldError

Object = dict[str, Any]
V1 = "events.k8s.io/v1"


class EventStrategy(RulesStrategy):
    """Reads and writes the objects of core/v1 events."""

    def to_storage(self, obj: Object) -> Object:
        return conversion.to_core(obj)

    def from_storage(self, obj: Object) -> Object:
        return conversion.to_events(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return event_validation.new_event_update(conversion.to_core(obj), conversion.to_core(old))

    def row(self, obj: Object, now: datetime) -> list[Any]:
        return super().row(conversion.to_core(obj), now)


RULES = Rules(validate=lambda obj: event_validation.new_event(conversion.to_core(obj)), table=EVENTS)

RESOURCES: list[Resource] = [
    resource(
        V1,
        "events",
        "Event",
        RULES,
        short_names=("ev",),
        strategy=EventStrategy(RULES),
        storage_prefix="/registry/events/",
        selectable_fields=new_event_fields,
    )
]
