"""What ``wait --for`` can name, and whether an object meets it. Pure. May import: kubectl.templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.templates.golex import TemplateError
from kajitori.kubectl.templates.jsonpath import relaxed, show, values_at


@dataclass(frozen=True)
class Condition:
    """`kind` is create, delete, condition or jsonpath; `holds` says whether an object meets the latter two."""

    kind: str
    holds: Callable[[dict[str, Any]], bool]


def parse(text: str) -> Condition:
    """Raises UsageError for what upstream does not know either."""
    lowered = text.lower()
    if lowered in ("create", "delete"):
        return Condition(lowered, lambda obj: True)
    if text.startswith("condition="):
        name, equals, value = text.removeprefix("condition=").partition("=")
        return Condition("condition", lambda obj: has_condition(obj, name, value if equals else "true"))
    if text.startswith("jsonpath="):
        return _jsonpath(text.removeprefix("jsonpath="))
    raise UsageError(f'error: unrecognized condition: "{text}"')


def has_condition(obj: dict[str, Any], name: str, value: str) -> bool:
    """Names and values are compared without regard to case; a status that lags behind the spec does not count."""
    status = obj.get("status") or {}
    for one in status.get("conditions") or ():
        if str(one.get("type", "")).lower() != name.lower():
            continue
        generation = (obj.get("metadata") or {}).get("generation", 0)
        seen = one.get("observedGeneration", status.get("observedGeneration"))
        if seen is not None and seen < generation:
            return False
        return str(one.get("status", "")).lower() == value.lower()
    return False


def _jsonpath(text: str) -> Condition:
    found = re.fullmatch(r"(\{.*?\}|[^='{}]*)(?:=(.*))?", text, re.DOTALL) or re.fullmatch(
        r"'(\{.*?\})'(?:=(.*))?", text, re.DOTALL
    )
    if found is None or not found[1]:
        raise UsageError("error: jsonpath expression cannot be empty")
    try:
        path = relaxed(found[1])
        values_at(path, {})
    except TemplateError as error:
        raise UsageError(f"error: {error}") from error
    wanted = found[2]
    if wanted is not None and len(wanted) > 1 and wanted[0] == wanted[-1] and wanted[0] in "\"'":
        wanted = wanted[1:-1]
    if wanted == "":
        raise UsageError("error: jsonpath wait has to have a value after equal sign")

    def holds(obj: dict[str, Any]) -> bool:
        values = values_at(path, obj)
        if not values:
            return False
        if len(values) > 1:
            raise UsageError("error: given jsonpath expression matches more than one value")
        if wanted is None:
            return True
        if isinstance(values[0], dict | list):
            raise UsageError("error: jsonpath leads to a nested object or list, only simple values can be compared")
        return show(values[0]) == wanted

    return Condition("jsonpath", holds)
