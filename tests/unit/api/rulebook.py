"""What the rules of a built-in kind say of an object, as texts: made, changed, or its status written."""

import copy
from typing import Any

import yaml

from kajitori.api.registration import Resource
from kajitori.api.scheme import builtin

SCHEME = builtin()
Object = dict[str, Any]


def read(text: str) -> tuple[Resource, Object]:
    """The kind that YAML names, and the object with its defaults."""
    obj: Object = yaml.safe_load(text)
    found = SCHEME.for_object(obj)
    assert found is not None
    obj.setdefault("metadata", {}).setdefault("name", "x")
    found.strategy.default(obj)
    return found, obj


def made(text: str) -> list[str]:
    """Errors of a new object."""
    found, obj = read(text)
    obj["metadata"].setdefault("uid", "u")
    found.strategy.prepare_for_create(obj)
    return [str(error) for error in found.strategy.validate(obj)]


def changed(text: str, **changes: Any) -> list[str]:
    """Errors of an update; `spec__replicas=3` says what becomes of one field, None that it goes."""
    found, old = read(text)
    found.strategy.prepare_for_create(old)
    new = merged(old, changes)
    found.strategy.default(new)
    found.strategy.prepare_for_update(new, old)
    return [str(error) for error in found.strategy.validate_update(new, old)]


def status(text: str, **changes: Any) -> list[str]:
    """Errors of a status that is written; the object in `text` has the one before."""
    found, old = read(text)
    new = merged(old, changes)
    return [str(error) for error in found.strategy.validate_status_update(new, old)]


def warned(text: str) -> list[str]:
    """Warnings of a new object."""
    found, obj = read(text)
    return found.strategy.warnings(obj, None)


def merged(old: Object, changes: dict[str, Any]) -> Object:
    """A copy in which fields, named as `spec__replicas`, have other values."""
    new = copy.deepcopy(old)
    for name, value in changes.items():
        *above, field = name.split("__")
        parent = new
        for step in above:
            parent = parent.setdefault(step, {})
        if value is None:
            parent.pop(field, None)
        else:
            parent[field] = value
    return new
