"""What a create, update or patch does to the ownership of fields: who changes a field owns it from now on.

May import: machinery.managedfields, machinery.typeschema.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kajitori.machinery.managedfields import entries, fieldset, walk
from kajitori.machinery.managedfields.entries import UPDATE, Entry, Manager
from kajitori.machinery.managedfields.fieldset import FieldSet
from kajitori.machinery.typeschema import Schema


def create(
    obj: dict[str, Any],
    manager: str,
    *,
    blank: dict[str, Any],
    schema: Schema,
    api_version: str,
    now: datetime,
    reset: FieldSet | None = None,
) -> None:
    """Sets `metadata.managedFields` of a new object: its creator owns all of it but `reset` (see `update`) and
    what is `blank`, as one is that nobody has set anything of."""
    metadata = obj.setdefault("metadata", {})
    metadata.pop("managedFields", None)
    fields = _ownable(walk.added(schema, obj, blank), reset)
    if fields:
        mine = Entry(Manager(manager, UPDATE, api_version), fields, entries.stamped(now))
        metadata["managedFields"] = [entries.encode_one(mine)]


def update(
    live: dict[str, Any],
    new: dict[str, Any],
    manager: str,
    *,
    schema: Schema,
    api_version: str,
    now: datetime,
    subresource: str = "",
    reset: FieldSet | None = None,
    timed: bool = True,
) -> None:
    """Sets `metadata.managedFields` of `new`, which replaces `live`.

    `reset` are fields that this endpoint does not change (the status of a kind with a status subresource).
    A client that sends no managedFields, or broken ones, keeps those of the live object; one that sends a single empty
    entry (or, for kinds that upstream has types of, an empty list) clears them. An object whose managedFields were
    cleared is not tracked again before the first apply. Without `timed` a change notes no time.
    """
    metadata = new.setdefault("metadata", {})
    sent = metadata.pop("managedFields", None)
    if sent == [{}] or (sent == [] and schema.by_value):
        return
    known_raw = (live.get("metadata") or {}).get("managedFields")
    if not known_raw:
        return
    known = entries.decode(sent if entries.are_whole(sent) else known_raw)
    changed, removed = walk.compare(schema, live, new)
    changed = _ownable(changed, reset)
    removed = _ownable(removed, reset)
    me = Manager(manager, UPDATE, api_version, subresource)
    mine = known.get(me.identity)
    after = entries.without(known, fieldset.union(changed, removed), except_for=me.identity)
    fields = fieldset.union(fieldset.difference(mine.fields, removed), changed) if mine else changed
    after.pop(me.identity, None)
    if fields:
        time = mine.time if mine and not changed else entries.stamped(now) if timed else ""
        after[me.identity] = Entry(me, fields, time)
    encoded = entries.encode(after)
    if encoded:
        metadata["managedFields"] = encoded


def _ownable(fields: FieldSet, reset: FieldSet | None) -> FieldSet:
    for name in ("f:apiVersion", "f:kind"):
        fields.pop(name, None)
    metadata = fields.get("f:metadata")
    if metadata is not None:
        never = entries.NEVER_OWNED["f:metadata"]
        kept = {element: node for element, node in metadata.items() if element not in never}
        if kept:
            fields["f:metadata"] = kept
        else:
            del fields["f:metadata"]
    return fieldset.recursive_difference(fields, reset) if reset else fields
