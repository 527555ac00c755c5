"""The entries of `metadata.managedFields`, decoded to managers and their sets and back.

May import: machinery.managedfields.fieldset, machinery.gotext, machinery.times.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from kajitori.machinery.gotext import quote
from kajitori.machinery.managedfields import fieldset
from kajitori.machinery.managedfields.fieldset import FieldSet
from kajitori.machinery.times import format_time

APPLY, UPDATE = "Apply", "Update"
MAX_UPDATE_MANAGERS = 10
ANCIENT = "ancient-changes"
_ELEMENTS = frozenset({".", "f:", "v:", "k:", "i:"})
BEFORE_FIRST_APPLY = "before-first-apply"

NEVER_OWNED: FieldSet = {
    "f:apiVersion": {},
    "f:kind": {},
    "f:metadata": {
        ".": {},
        **{
            "f:" + name: {}
            for name in (
                "name",
                "namespace",
                "creationTimestamp",
                "selfLink",
                "uid",
                "clusterName",
                "generation",
                "managedFields",
                "resourceVersion",
            )
        },
    },
}
"""What the server alone decides: no manager is recorded for it."""


class Manager(NamedTuple):
    """Who changes an object: two entries with equal managers are one. An applier has no version of its own."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What two entries share if they are one: an applier's version does not count."""
        return self.name, self.operation, "" if self.operation == APPLY else self.api_version, self.subresource

    def __str__(self) -> str:
        """As conflicts name it: `"kubectl-edit" using apps/v1`."""
        text = quote(self.name)
        if self.subresource:
            text += f" with subresource {quote(self.subresource)}"
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


class Entry(NamedTuple):
    """What one manager owns; `time` is that of its last change, RFC 3339."""

    manager: Manager
    fields: FieldSet
    time: str = ""


Entries = dict[tuple[str, str, str, str], Entry]


def decode(raw: Any) -> Entries:
    """Entries by their manager's identity. Malformed ones are passed over: they are no reason to refuse an object."""
    found: Entries = {}
    for item in raw or ():
        if not isinstance(item, dict) or item.get("operation") not in (APPLY, UPDATE):
            continue
        manager = Manager(
            str(item.get("manager") or ""),
            item["operation"],
            str(item.get("apiVersion") or ""),
            str(item.get("subresource") or ""),
        )
        fields = item.get("fieldsV1") or {}
        if isinstance(fields, dict):
            found[manager.identity] = Entry(manager, fields, str(item.get("time") or ""))
    return found


def are_whole(raw: Any) -> bool:
    """Whether entries that a client sent can be taken for what they say: one broken one spoils them all."""
    if not raw or not isinstance(raw, list):
        return False
    return all(
        isinstance(item, dict)
        and item.get("operation") in (APPLY, UPDATE)
        and item.get("fieldsType") == "FieldsV1"
        and isinstance(item.get("fieldsV1"), dict | None)
        and all(element[:2] in _ELEMENTS for element in item.get("fieldsV1") or ())
        for item in raw
    )


def encode(entries: Entries) -> list[dict[str, Any]]:
    """The wire form, sorted as upstream sorts it: appliers first, then by time and name."""
    chosen = [entry for entry in _capped(entries).values() if entry.fields]
    if len(chosen) > 1:
        chosen.sort(key=lambda e: (e.manager.operation, e.time, e.manager.name, e.manager.api_version))
    return [encode_one(entry) for entry in chosen]


def encode_one(entry: Entry) -> dict[str, Any]:
    """One entry on the wire."""
    manager = entry.manager
    wire: dict[str, Any] = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.api_version,
        "time": entry.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": entry.fields,
    }
    if not entry.time:
        del wire["time"]
    if not manager.name:
        del wire["manager"]
    if manager.subresource:
        wire["subresource"] = manager.subresource
    return wire


def _capped(entries: Entries) -> Entries:
    """Keeps the updaters few: the oldest ones of a version become one."""
    updaters = [identity for identity, entry in entries.items() if entry.manager.operation == UPDATE]
    excess = len(updaters) - MAX_UPDATE_MANAGERS
    if excess <= 0:
        return entries
    updaters.sort(key=lambda identity: (entries[identity].time, identity))
    result = dict(entries)
    firsts: dict[str, tuple[str, str, str, str]] = {}
    for identity in updaters:
        if excess <= 0:
            break
        version = entries[identity].manager.api_version
        first = firsts.setdefault(version, identity)
        if first == identity:
            continue
        ancient = Manager(ANCIENT, UPDATE, version)
        if ancient.identity not in result:
            result[ancient.identity] = result.pop(first)
        old = result.pop(identity)
        fields = fieldset.union(result[ancient.identity].fields, old.fields)
        result[ancient.identity] = Entry(ancient, fields, old.time)
        excess -= 1
    return result


def without(entries: Entries, taken: FieldSet, *, except_for: tuple[str, str, str, str] | None = None) -> Entries:
    """The entries after somebody else took or removed these fields."""
    if not taken:
        return dict(entries)
    result: Entries = {}
    for identity, entry in entries.items():
        if identity == except_for:
            result[identity] = entry
            continue
        fields = fieldset.difference(entry.fields, taken)
        if fields:
            result[identity] = entry if fields == entry.fields else Entry(entry.manager, fields, entry.time)
    return result


def stamped(now: datetime) -> str:
    return format_time(now)
