"""Patches of a kustomization: strategic merge and JSON 6902, for one object or for all that a target selects.

May import: api.schema, machinery.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery.labels import Selector
from kajitori.machinery.patch import PatchError, json_patch, merge_patch

Wire = dict[str, Any]


def patched(folder: Path, config: Wire, objects: list[Wire]) -> list[Wire]:
    """The objects with every patch applied; one that a patch deletes is left out."""
    for entry in config.get("patchesStrategicMerge") or ():
        text = entry if "\n" in entry else (folder / entry).read_text()
        objects = _apply(objects, text, None)
    for entry in (*(config.get("patches") or ()), *(config.get("patchesJson6902") or ())):
        text = entry.get("patch") or (folder / entry["path"]).read_text()
        objects = _apply(objects, text, entry.get("target"))
    return objects


def _apply(objects: list[Wire], text: str, target: Wire | None) -> list[Wire]:
    from kajitori.kubectl.manifests.yamlload import load, load_all

    if isinstance(load(text), list):
        operations = load(text)
        return [_json(obj, operations) if target is None or selects(target, obj) else obj for obj in objects]
    for patch in load_all(text):
        if not isinstance(patch, dict):
            continue
        wanted = target or {"kind": patch.get("kind"), "name": (patch.get("metadata") or {}).get("name")}
        exact = target is None
        hits = [obj for obj in objects if selects(wanted, obj, exact=exact)]
        if exact and not hits:
            raise UsageError(
                f'error: no resource matches strategic merge patch "{wanted["kind"]}.{patch.get("apiVersion")}/'
                f'{wanted["name"]}.[noNs]": no matches for Id'
            )
        objects = [_strategic(obj, patch) if obj in hits else obj for obj in objects]
        objects = [obj for obj in objects if obj]
    return objects


def selects(target: Wire, obj: Wire, *, exact: bool = False) -> bool:
    """Whether a target means an object: kind and names by anchored patterns, labels and annotations by selectors."""
    meta = obj.get("metadata") or {}
    group, _, version = obj.get("apiVersion", "").rpartition("/")
    facts = {"kind": obj.get("kind"), "name": meta.get("name"), "namespace": meta.get("namespace"), "group": group}
    facts["version"] = version
    for key, value in facts.items():
        pattern = target.get(key)
        if pattern and (str(value) != pattern if exact else not re.fullmatch(pattern, str(value or ""))):
            return False
    for key, field in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        if target.get(key) and not Selector.parse(target[key]).matches(meta.get(field)):
            return False
    return True


def _json(obj: Wire, operations: list[Any]) -> Wire:
    try:
        made = json_patch.apply(obj, operations)
    except PatchError as error:
        raise UsageError(f"error: {error}") from error
    assert isinstance(made, dict)
    return made


def _strategic(obj: Wire, patch: Wire) -> Wire:
    """By the built-in schema, else as a JSON merge patch. The object's own name and kind stay."""
    if patch.get("$patch") == "delete":
        return {}
    from kajitori.api import schema
    from kajitori.machinery.patch import strategic

    group, _, version = obj.get("apiVersion", "").rpartition("/")
    name, kind = (obj.get("metadata") or {}).get("name"), obj.get("kind")
    try:
        made = strategic.apply(obj, patch, schema.for_kind(group, version, kind or ""))
    except LookupError:
        merged = merge_patch.apply(obj, patch)
        assert isinstance(merged, dict)
        made = merged
    made["metadata"] = {**made.get("metadata", {}), "name": name}
    return made | {"kind": kind, "apiVersion": obj.get("apiVersion")}
