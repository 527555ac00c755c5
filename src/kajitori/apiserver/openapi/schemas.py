"""Definitions in the dialect of OpenAPI v2 or v3, and which of them a set of kinds needs.

What is an enumeration stands in `enums.txt`. May import: api.definitions, machinery.gotext.
"""

import functools
from collections.abc import Iterable
from importlib import resources
from typing import Any

from kajitori.api import definitions
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
V2_PREFIX, V3_PREFIX = "#/definitions/", "#/components/schemas/"
_SOURCE = "#/$defs/"
_STRINGLY = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
}


def converted(name: str, *, v3: bool) -> Object:
    """One definition."""
    raw = definitions.full(name)
    special = _STRINGLY.get(name)
    if special is not None:
        described = {"description": raw["description"]} if "description" in raw else {}
        if v3 and name.endswith("IntOrString"):
            return {**described, "format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}
        return {**described, **special}
    result = _node(raw, v3)
    _enumerate(name, result)
    for field in ("apiVersion", "kind"):
        (result.get("properties") or {}).get(field, {}).pop("enum", None)
    return result


def _enumerate(name: str, definition: Object) -> None:
    """Tell the values of fields that are enumerations, as a list and in words, as upstream does."""
    for field, (values, listed) in _enums().get(name, {}).items():
        prop = definition["properties"][field]
        told = "".join(f"\n - `{quote(value)}`" for value in values)
        if listed:
            prop["items"] = {**prop["items"], "enum": list(values)}
        else:
            prop["enum"] = list(values)
            prop["description"] = f"{prop.get('description', '')}\n\nPossible enum values:{told}"


@functools.cache
def _enums() -> dict[str, dict[str, tuple[list[str], bool]]]:
    """By definition and field: the values, and whether the field is a list of them."""
    found: dict[str, dict[str, tuple[list[str], bool]]] = {}
    for line in resources.files(__package__).joinpath("enums.txt").read_text().splitlines():
        if not line.startswith("#"):
            place, _, values = line.partition("=")
            definition, _, field = place.rstrip("*").rpartition(".")
            found.setdefault(f"io.k8s.api.{definition}", {})[field] = values.split("|"), place.endswith("*")
    return found


def _node(raw: Object, v3: bool) -> Object:
    result: Object = {}
    for key, value in raw.items():
        match key:
            case "$ref":
                target = {"$ref": (V3_PREFIX if v3 else V2_PREFIX) + value.removeprefix(_SOURCE)}
                if v3 and len(raw) > 1:
                    result["allOf"] = [target]
                else:
                    result.update(target)
            case "type" if isinstance(value, list):
                result["type"] = next(kind for kind in value if kind != "null")
            case "properties":
                result["properties"] = {name: _node(child, v3) for name, child in value.items()}
            case "items" | "additionalProperties" if isinstance(value, dict):
                result[key] = _node(value, v3)
            case "oneOf" | "anyOf" | "allOf":
                result[key] = [_node(child, v3) for child in value]
            case _:
                result[key] = value
    return result


def closure(names: Iterable[str]) -> list[str]:
    """The definitions and all that they refer to, in order."""
    found: set[str] = set()
    waiting = [name for name in names if definitions.exists(name)]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [target for target in _targets(definitions.full(name)) if target not in found]
    return sorted(found)


def _targets(raw: Any) -> list[str]:
    if isinstance(raw, dict):
        found = [raw["$ref"].removeprefix(_SOURCE)] if isinstance(raw.get("$ref"), str) else []
        for value in raw.values():
            found += _targets(value)
        return found
    if isinstance(raw, list):
        return [target for value in raw for target in _targets(value)]
    return []
