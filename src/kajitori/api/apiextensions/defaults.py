"""Are the defaults in a schema valid themselves? They must fit it, pass its rules and hold nothing that is pruned.

Pure. May import: api.apiextensions, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.apiextensions import embedded, values
from kajitori.machinery.fieldpath import FieldError, Path, invalid

Raw = Mapping[str, Any]
Errors = list[FieldError]
_META = ("metadata", "apiVersion", "kind")


def errors(raw: Raw, at: Path) -> Errors:
    """Everything wrong with the defaults of a whole schema."""
    return _node(raw, at, is_root=True, in_meta=False)


def _node(raw: Raw, at: Path, *, is_root: bool, in_meta: bool) -> Errors:
    is_object = is_root or bool(raw.get("x-kubernetes-embedded-resource"))
    in_meta = in_meta and not is_object
    found: Errors = []
    if raw.get("default") is not None:
        found += _judge(raw, raw["default"], at.child("default"), is_object=is_object, in_meta=in_meta)
    if isinstance(raw.get("items"), Mapping):
        found += _node(raw["items"], at.child("items"), is_root=False, in_meta=in_meta)
    for name, child in (raw.get("properties") or {}).items():
        meta = in_meta or (is_object and name in _META)
        found += _node(child, at.child("properties").key(name), is_root=False, in_meta=meta)
    return found


def _judge(raw: Raw, default: Any, at: Path, *, is_object: bool, in_meta: bool) -> Errors:
    found: Errors = []
    if not in_meta and _would_prune(raw, default, is_object):
        found.append(invalid(at, default, "must not have unknown fields"))
    wrong = [] if in_meta else embedded.errors(raw, default, at, is_root=is_object)
    wrong = wrong or values.check_at(raw, default, at)
    if not wrong and values.has_rules(raw):
        wrong = _broken_rules(raw, default, at, is_object=is_object)
    return found + wrong


def _broken_rules(raw: Raw, default: Any, at: Path, *, is_object: bool) -> Errors:
    from kajitori.api.apiextensions.enforcement import Rules

    rules = Rules(raw, is_root=is_object)
    return rules.check(default, default, at=at, ratchet=False) or rules.check(default, None, at=at)


def _would_prune(raw: Raw, value: Any, is_object: bool = False) -> bool:
    """Whether pruning would change a value."""
    if isinstance(value, list):
        items = raw.get("items")
        return isinstance(items, Mapping) and any(_would_prune(items, item) for item in value)
    if not isinstance(value, dict):
        return False
    properties, additional = raw.get("properties") or {}, raw.get("additionalProperties")
    keeps = bool(raw.get("x-kubernetes-preserve-unknown-fields")) or additional is True
    implicit = _META if is_object or raw.get("x-kubernetes-embedded-resource") else ()
    for name, item in value.items():
        child = properties.get(name, additional)
        if isinstance(child, Mapping):
            if _would_prune(child, item):
                return True
        elif not keeps and name not in implicit:
            return True
    return False
