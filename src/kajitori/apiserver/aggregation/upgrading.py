"""A Swagger document's part of one group version, as OpenAPI v3: for extension servers that know only the former.

Pure. May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
_SCHEMA_WORDS = ("type", "format", "items", "default", "enum", "minimum", "maximum", "uniqueItems", "pattern")
_OLD, _NEW = "#/definitions/", "#/components/schemas/"


def v3_of(swagger: Object, group: str, version: str) -> Object | None:
    """The group version's paths with the definitions that they lead to; None where it has no paths."""
    prefix = f"/apis/{group}/{version}"
    own = {p: item for p, item in (swagger.get("paths") or {}).items() if p == prefix or p.startswith(f"{prefix}/")}
    if not own:
        return None
    definitions = swagger.get("definitions") or {}
    produced = swagger.get("produces") or ["application/json"]
    kinds = [name for name, one in definitions.items() if _is_of(one, group, version)]
    names = _led_to([own, *(definitions[name] for name in kinds)], definitions) | set(kinds)
    return {
        "openapi": "3.0.0",
        "info": swagger.get("info") or {"title": "Kubernetes", "version": "unversioned"},
        "paths": {path: _path(item, produced) for path, item in own.items()},
        "components": {"schemas": {name: _moved(definitions[name]) for name in sorted(names)}},
    }


def _is_of(definition: Object, group: str, version: str) -> bool:
    kinds = definition.get("x-kubernetes-group-version-kind") or ()
    return any(kind.get("group") == group and kind.get("version") == version for kind in kinds)


def _led_to(roots: list[Any], definitions: Object) -> set[str]:
    found: set[str] = set()
    waiting = [name for root in roots for name in _references(root)]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_OLD)
        for item in value.values():
            yield from _references(item)


def _moved(value: Any) -> Any:
    """With its references to where v3 keeps schemas."""
    if isinstance(value, list):
        return [_moved(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item.replace(_OLD, _NEW) if key == "$ref" and isinstance(item, str) else _moved(item)
        for key, item in value.items()
    }


def _path(item: Object, produced: list[str]) -> Object:
    made: Object = {}
    for name, value in item.items():
        if name == "parameters":
            made[name] = [_parameter(one) for one in value if one.get("in") != "body"]
        else:
            made[name] = _operation(value, produced) if isinstance(value, dict) else value
    return made


def _operation(operation: Object, produced: list[str]) -> Object:
    made = {
        k: v for k, v in operation.items() if k not in ("consumes", "produces", "schemes", "parameters", "responses")
    }
    parameters = operation.get("parameters") or []
    plain = [_parameter(one) for one in parameters if one.get("in") != "body"]
    if plain:
        made["parameters"] = plain
    for body in parameters:
        if body.get("in") == "body":
            content = _content(operation.get("consumes") or ["application/json"], body.get("schema") or {})
            made["requestBody"] = {"content": content} | ({"required": True} if body.get("required") else {})
    answers = operation.get("responses") or {}
    made["responses"] = {code: _answer(one, operation.get("produces") or produced) for code, one in answers.items()}
    return made


def _parameter(parameter: Object) -> Object:
    made = {key: value for key, value in parameter.items() if key not in _SCHEMA_WORDS}
    schema = {key: _moved(parameter[key]) for key in _SCHEMA_WORDS if key in parameter}
    return made | ({"schema": schema} if schema else {})


def _answer(answer: Object, produced: list[str]) -> Object:
    made = {key: value for key, value in answer.items() if key != "schema"}
    return made | ({"content": _content(produced, answer["schema"])} if "schema" in answer else {})


def _content(types: list[str], schema: Object) -> Object:
    return {one: {"schema": _moved(schema)} for one in types}
