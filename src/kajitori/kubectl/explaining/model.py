"""The text of ``kubectl explain --output=plaintext-openapiv2``, the older layout, from the OpenAPI v2 document. Pure.

A schema is a reference, a kind (it has properties), a map, a list, or a value; what is none of these may be anything.
May import: kubectl.flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError

Schema = dict[str, Any]
WIDTH = 80
_REF = "#/definitions/"
_BULLET = re.compile(r"(\d+\.?|-|\*)\s")


@dataclass(frozen=True)
class Model:
    """An OpenAPI v2 document's definitions."""

    definitions: dict[str, Schema]

    def of_kind(self, group: str, version: str, kind: str) -> Schema | None:
        """The schema that x-kubernetes-group-version-kind marks as this kind's."""
        wanted = {"group": group, "version": version, "kind": kind}
        marked = (s for s in self.definitions.values() if wanted in (s.get("x-kubernetes-group-version-kind") or ()))
        return next(marked, None)

    def target(self, schema: Schema) -> Schema:
        """What a reference leads to."""
        return self.definitions.get(schema["$ref"].removeprefix(_REF), {})

    def inner(self, schema: Schema) -> Schema | None:
        """One step towards what holds the fields: a reference's target, a list's items, a map's values."""
        if "$ref" in schema:
            return self.target(schema)
        if "properties" in schema:
            return None
        if schema.get("type") == "array":
            return schema.get("items") or {}
        if schema.get("type") == "object":
            values = schema.get("additionalProperties")
            return values if isinstance(values, dict) else {"description": schema.get("description")}  # as upstream
        return None

    def field(self, schema: Schema, path: Iterable[str]) -> Schema:
        """The schema at the end of a path; a value on the way ends it. Raises UsageError for what is not there."""
        for name in path:
            while (inner := self.inner(schema)) is not None:
                schema = inner
            if "properties" not in schema:
                return schema
            if name not in schema["properties"]:
                raise UsageError(f'error: field "{name}" does not exist')
            schema = schema["properties"][name]
        return schema

    def type_name(self, schema: Schema) -> str:
        """``string``, ``[]Object``, ``map[string]string``; nothing for what may be anything."""
        inner = self.inner(schema)
        if inner is None:
            return "Object" if "properties" in schema else str(schema.get("type") or "")
        if "$ref" in schema:
            return self.type_name(inner)
        return ("[]" if schema["type"] == "array" else "map[string]") + self.type_name(inner)


def page(model: Model, top: Schema, path: list[str], kind: str, version: str, *, recursive: bool) -> str:
    """The whole text. Raises UsageError for a path that leads nowhere."""
    schema = model.field(top, path)
    type_name, descriptions = model.type_name(schema), []
    while (inner := model.inner(schema)) is not None:
        descriptions.append(schema.get("description") or "")
        schema = inner
    descriptions.append(schema.get("description") or "")
    is_kind, name = "properties" in schema, path[-1] if path else ""
    lines = [f"KIND:     {kind}", f"VERSION:  {version}", ""]
    if name if is_kind else "type" in schema:
        lines += [f"{'RESOURCE:' if is_kind else 'FIELD:   '} {name} <{type_name}>", ""]
    lines += ["DESCRIPTION:", *_description(descriptions)]
    if is_kind:
        lines += ["", "FIELDS:", *(_tree(model, schema, 3, ()) if recursive else _fields(model, schema))]
    return "\n".join(lines) + "\n"


def _description(texts: list[str]) -> list[str]:
    lines: list[str] = []
    for position, text in enumerate(texts):
        if text:
            lines += [*([""] if position else []), *_wrapped(text)]
    return lines or ["     <empty>"]


def _fields(model: Model, schema: Schema) -> list[str]:
    lines: list[str] = []
    required = schema.get("required") or ()
    for name, one in sorted(schema["properties"].items()):
        lines.append(f"   {name}\t<{model.type_name(one)}>{' -required-' if name in required else ''}")
        lines += [*_wrapped(one.get("description") or ""), ""]
    return lines


def _tree(model: Model, schema: Schema, indent: int, seen: tuple[str, ...]) -> list[str]:
    """All fields below; a type inside itself is not opened again."""
    lines: list[str] = []
    for name, one in sorted(schema["properties"].items()):
        lines.append(f"{' ' * indent}{name}\t<{model.type_name(one)}>")
        inside: Schema | None = one
        through = seen
        while inside is not None and "properties" not in inside:
            reference = inside.get("$ref")
            if reference in through:
                break
            through = (*through, reference) if reference else through
            inside = model.inner(inside)
        else:
            if inside is not None:
                lines += _tree(model, inside, indent + 3, through)
    return lines


def _wrapped(text: str) -> list[str]:
    """Lines flow together but for lists, code, blank lines and what follows a colon."""
    lines: list[str] = []
    words: list[str] = []
    last = ""

    def flush() -> None:
        nonlocal last
        if words:
            lines.append(" ".join(words))
            words.clear()
            last = ""

    for line in text.split("\n"):
        if line.startswith("    "):
            flush()
            lines.append(line)
            continue
        if lines and not line.strip():
            flush()
            lines.append("")
            continue
        if last.endswith(":") or not line.strip() or _BULLET.match(line.strip()):
            flush()
        for word in line.split():
            last = word
            if words and len(" ".join([*words, word])) > WIDTH - 5:
                flush()
            words.append(word)
    flush()
    return [f"     {line}" if line else "" for line in lines]
