"""Walks an OpenAPI v3 document: the schema of a kind, the field at the end of a path, types as explain names them.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kajitori.kubectl.flags import UsageError

Schema = dict[str, Any]
_REF = "#/components/schemas/"


@dataclass(frozen=True)
class Document:
    """The document of one group version."""

    schemas: dict[str, Schema]

    def of_kind(self, group: str, version: str, kind: str) -> Schema | None:
        """The schema that x-kubernetes-group-version-kind marks as this kind's."""
        wanted = {"group": group, "version": version, "kind": kind}
        for schema in self.schemas.values():
            if wanted in (schema.get("x-kubernetes-group-version-kind") or ()):
                return schema
        return None

    def resolved(self, schema: Schema) -> Schema:
        """The schema itself: references, and the one that an allOf wraps, followed."""
        seen = 0
        while seen < 20:
            seen += 1
            if "$ref" in schema:
                schema = self.schemas.get(schema["$ref"].removeprefix(_REF), {})
            elif len(schema.get("allOf") or ()) == 1:
                schema = schema["allOf"][0]
            else:
                break
        return schema

    def object_of(self, schema: Schema) -> Schema:
        """The schema that holds the fields: items of lists, values of maps."""
        found = self.resolved(schema)
        while "items" in found or isinstance(found.get("additionalProperties"), dict):
            found = self.resolved(found.get("items") or found["additionalProperties"])
        return found

    def fields(self, schema: Schema) -> dict[str, Schema]:
        """The fields that `object_of` finds, sorted by name."""
        found: dict[str, Schema] = self.object_of(schema).get("properties") or {}
        return {name: found[name] for name in sorted(found)}

    def field(self, schema: Schema, path: list[str]) -> tuple[Schema, str]:
        """The schema at the end of a path and the name of its last step. Raises UsageError for what is not there."""
        name = ""
        for name in path:
            fields = self.fields(schema)
            if name not in fields:
                raise UsageError(f'error: field "{name}" does not exist')
            schema = fields[name]
        return schema, name

    def type_name(self, schema: Schema) -> str:
        """``string``, ``[]Container``, ``map[string]string``, ``PodSpec``."""
        ref = schema.get("$ref") or next((one["$ref"] for one in schema.get("allOf") or () if "$ref" in one), "")
        if ref:
            found = self.resolved(schema)
            named = ref.rpartition(".")[2]
            return str(named if found.get("type") in (None, "object") else found["type"])
        if "items" in schema:
            return "[]" + self.type_name(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            return "map[string]" + self.type_name(schema["additionalProperties"])
        if schema.get("type"):
            return str(schema["type"]) if schema["type"] != "object" else "Object"
        return "Object"

    def descriptions(self, schema: Schema) -> list[str]:
        """What the field says of itself, then what its type says."""
        texts = [schema.get("description") or ""]
        found = self.object_of(schema)
        if found is not schema and found.get("description") and (found.get("properties") or "$ref" in str(schema)):
            texts.append(found["description"])
        return [text for text in dict.fromkeys(texts) if text]
