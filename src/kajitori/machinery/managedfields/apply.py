"""Server-side apply: a manager states the fields it cares about; the server merges, notes and arbitrates.

May import: machinery.errors, machinery.managedfields, machinery.typeschema.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

import orjson

from kajitori.machinery.errors import ApplyConflict
from kajitori.machinery.managedfields import entries, fieldset, walk
from kajitori.machinery.managedfields.entries import APPLY, BEFORE_FIRST_APPLY, UPDATE, Entries, Entry, Manager
from kajitori.machinery.managedfields.fieldset import FieldSet
from kajitori.machinery.managedfields.merge import merge, prune
from kajitori.machinery.typeschema import Schema

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KUBECTL = "kubectl"


def apply(
    live: dict[str, Any] | None,
    config: dict[str, Any],
    manager: str,
    *,
    schema: Schema,
    blank: dict[str, Any],
    api_version: str,
    now: datetime,
    force: bool = False,
    subresource: str = "",
    reset: FieldSet | None = None,
) -> dict[str, Any]:
    """The object that results from applying `config` to `live` (None: it is created), managedFields included.

    Raises ApplyConflict if the configuration changes fields of others and `force` is not set. If nothing changes, the
    result equals the live object, times included. Neither argument is changed.
    """
    config = _without_managed_fields(config)
    before = live or {"metadata": {}}
    known = _known(before, schema, blank, api_version, reset, now) if live is not None else {}
    me = Manager(manager, APPLY, api_version, subresource)
    previous = known.get(me.identity)
    claimed = walk.mentioned(schema, config)
    mine = _strip(claimed, reset)

    base = _without_managed_fields(before)
    merged = merge(schema, base, _only_changeable(config, base, reset))
    others = {identity: entry for identity, entry in known.items() if identity != me.identity}
    if previous is not None:
        kept = fieldset.union_all([claimed, *(entry.fields for entry in others.values())])
        merged = prune(schema, merged, previous.fields, kept)
    changed, removed = walk.compare(schema, base, merged)
    _check_conflicts(others, changed, force=force or _owned_by_last_applied(manager, before, others, changed, schema))

    after = entries.without(others, fieldset.union(changed, removed))
    if mine:  # claiming what is there already changes no time, and a new claimant gets none
        time = entries.stamped(now) if live is None or merged != base else previous.time if previous else ""
        after[me.identity] = Entry(me, mine, time)
    result: dict[str, Any] = copy.deepcopy(merged)
    _update_last_applied(manager, before, config, result)
    encoded = entries.encode(after)
    if encoded:
        result.setdefault("metadata", {})["managedFields"] = encoded
    return result


def _known(
    live: dict[str, Any], schema: Schema, blank: dict[str, Any], api_version: str, reset: FieldSet | None, now: datetime
) -> Entries:
    """The live object's entries. One that was never tracked belongs to nobody in particular."""
    known = entries.decode((live.get("metadata") or {}).get("managedFields"))
    if known:
        return known
    fields = _strip(walk.added(schema, live, blank), reset)
    nobody = Manager(BEFORE_FIRST_APPLY, UPDATE, str(live.get("apiVersion") or api_version))
    return {nobody.identity: Entry(nobody, fields, entries.stamped(now))} if fields else {}


def _without_managed_fields(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = obj.get("metadata") or {}
    if "managedFields" not in metadata:
        return obj
    return {**obj, "metadata": {name: value for name, value in metadata.items() if name != "managedFields"}}


def _only_changeable(config: dict[str, Any], live: dict[str, Any], reset: FieldSet | None) -> dict[str, Any]:
    """Without the top-level parts that this endpoint leaves alone, and without what identifies the live object."""
    result = {name: value for name, value in config.items() if (reset or {}).get("f:" + name) != {}}
    metadata = dict(result.get("metadata") or {})
    for name in ("creationTimestamp", "uid", "generation", "resourceVersion", "selfLink"):
        if name in (live.get("metadata") or {}):
            metadata.pop(name, None)
    if "metadata" in result:
        result["metadata"] = metadata
    return result


def _strip(fields: FieldSet, reset: FieldSet | None) -> FieldSet:
    fields = fieldset.difference(fields, entries.NEVER_OWNED)
    return fieldset.recursive_difference(fields, reset) if reset else fields


def _conflicts(others: Entries, changed: FieldSet) -> list[tuple[Manager, tuple[str, ...]]]:
    found: list[tuple[Manager, tuple[str, ...]]] = []
    for entry in others.values():
        found.extend((entry.manager, path) for path in fieldset.members(fieldset.intersection(entry.fields, changed)))
    return found


def _check_conflicts(others: Entries, changed: FieldSet, *, force: bool) -> None:
    if force:
        return
    conflicts = [(str(manager), fieldset.format_path(path)) for manager, path in _conflicts(others, changed)]
    if conflicts:
        raise ApplyConflict.between(conflicts, _message(conflicts))


def _message(conflicts: list[tuple[str, str]]) -> str:
    if len(conflicts) == 1:
        manager, path = conflicts[0]
        return f"Apply failed with 1 conflict: conflict with {manager}: {path}"
    lines = []
    for manager in sorted({manager for manager, _ in conflicts}):
        lines.append(f"conflicts with {manager}:")
        lines.extend(f"- {path}" for name, path in conflicts if name == manager)
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)


def _last_applied(obj: dict[str, Any]) -> dict[str, Any] | None:
    text = ((obj.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return None
    try:
        config = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return config if isinstance(config, dict) else None


def _owned_by_last_applied(
    manager: str, live: dict[str, Any], others: Entries, changed: FieldSet, schema: Schema
) -> bool:
    """kubectl coming from client-side apply owns what its annotation says, if nobody changed those values since."""
    config = _last_applied(live) if manager == KUBECTL else None
    if config is None:
        return False
    stated = walk.mentioned(schema, config)
    differs, _ = walk.compare(schema, live, merge(schema, live, config))
    return all(
        fieldset.contains(stated, path) and not fieldset.contains(differs, path)
        for _, path in _conflicts(others, changed)
    )


def _update_last_applied(manager: str, live: dict[str, Any], config: dict[str, Any], result: dict[str, Any]) -> None:
    """Keeps kubectl's annotation in step, so that a later client-side apply starts from here."""
    if manager != KUBECTL or LAST_APPLIED not in ((live.get("metadata") or {}).get("annotations") or {}):
        return
    annotations = result.setdefault("metadata", {}).setdefault("annotations", {})
    annotations[LAST_APPLIED] = orjson.dumps(config, option=orjson.OPT_SORT_KEYS).decode() + "\n"
