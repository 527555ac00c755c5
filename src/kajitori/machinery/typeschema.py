"""The shape of an object as patches, managed fields and pruning need to know it.

A `Schema` node tells type, fields, list and map semantics. Its fields are loaded on first use, because the built-in
kinds share deep and partly recursive trees of which one process uses few. `from_structural` gives the same view of a
custom resource's schema; the built-in kinds get theirs from `kajitori.api.schema`.

May import: nothing of Kajitori.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Fields(NamedTuple):
    """The named fields of an object type."""

    properties: Mapping[str, Schema]
    required: frozenset[str] = frozenset()


NO_FIELDS = Fields({})

OBJECT, ARRAY, STRING, INTEGER, NUMBER, BOOLEAN = "object", "array", "string", "integer", "number", "boolean"
ANY, INT_OR_STRING, QUANTITY = "any", "int-or-string", "quantity"


class Schema:
    """One node. Immutable by convention; equal nodes may be shared between places.

    type              one of the constants above
    go_type           the type's name in upstream's decoding errors: `int32`, `[]v1.Container`, `v1.PodSpec`
    additional        the schema of map values, when the object is a map
    preserve_unknown  fields without a schema are kept (embedded objects, JSON, CRDs that say so)
    list_type         "atomic", "set" or "map"; map_type "atomic" or "granular"
    merge_key, patch_strategies   strategic merge: `merge`, `replace`, `retainKeys`
    by_value          parts that are structs are there before anybody sets them, as in upstream's types of its own
    """

    __slots__ = (
        "_fields",
        "_load",
        "additional",
        "by_value",
        "embedded",
        "format",
        "go_type",
        "items",
        "key_defaults",
        "list_map_keys",
        "list_type",
        "map_type",
        "merge_key",
        "nullable",
        "patch_strategies",
        "preserve_unknown",
        "type",
    )

    def __init__(
        self,
        type: str = ANY,  # noqa: A002 (the schema's own word)
        *,
        go_type: str = "",
        format: str = "",  # noqa: A002 (likewise)
        fields: Callable[[], Fields] | None = None,
        items: Schema | None = None,
        additional: Schema | None = None,
        preserve_unknown: bool = False,
        embedded: bool = False,
        nullable: bool = True,
        list_type: str = "atomic",
        list_map_keys: tuple[str, ...] = (),
        key_defaults: Mapping[str, Any] | None = None,
        map_type: str = "granular",
        merge_key: str = "",
        patch_strategies: tuple[str, ...] = (),
        by_value: bool = True,
    ) -> None:
        self.type = type
        self.go_type = go_type or type
        self.format = format
        self.items = items
        self.additional = additional
        self.preserve_unknown = preserve_unknown
        self.embedded = embedded
        self.nullable = nullable
        self.list_type = list_type
        self.list_map_keys = list_map_keys
        self.key_defaults = key_defaults or {}
        self.map_type = map_type
        self.merge_key = merge_key
        self.patch_strategies = patch_strategies
        self.by_value = by_value
        self._load = fields
        self._fields: Fields | None = None if fields else NO_FIELDS

    @property
    def fields(self) -> Fields:
        """Loaded on first use."""
        if self._fields is None:
            assert self._load is not None
            self._fields = self._load()
        return self._fields

    @property
    def properties(self) -> Mapping[str, Schema]:
        """Schemas of an object's declared fields, by wire name."""
        fields = self._fields
        return (fields if fields is not None else self.fields).properties

    @property
    def required(self) -> frozenset[str]:
        """Wire names of the fields that must be there."""
        return self.fields.required

    def child(self, name: str) -> Schema | None:
        """The schema of a field or map entry; None where the schema knows nothing of it."""
        found = self.properties.get(name)
        return found if found is not None else self.additional

    @property
    def is_map(self) -> bool:
        """Whether keys are data: entries all have one schema, and no field is declared."""
        return self.additional is not None and not self.properties

    def __repr__(self) -> str:
        return f"Schema({self.go_type})"


UNKNOWN = Schema(preserve_unknown=True)


def from_structural(raw: Mapping[str, Any], object_meta: Schema, *, root: bool = True) -> Schema:
    """The view of a CRD's structural schema (`openAPIV3Schema`). `object_meta` is the schema of `metadata`."""
    kind = INT_OR_STRING if raw.get("x-kubernetes-int-or-string") else str(raw.get("type") or ANY)
    embedded = root or bool(raw.get("x-kubernetes-embedded-resource"))
    additional = raw.get("additionalProperties")
    items = raw.get("items")
    list_type = str(raw.get("x-kubernetes-list-type") or "atomic")
    keys = tuple(raw.get("x-kubernetes-list-map-keys") or ())
    return Schema(
        kind,
        format=str(raw.get("format") or ""),
        fields=(lambda: _structural_fields(raw, object_meta, embedded)) if kind == OBJECT else None,
        items=from_structural(items, object_meta, root=False) if isinstance(items, Mapping) else None,
        additional=_structural_additional(additional, object_meta),
        preserve_unknown=bool(raw.get("x-kubernetes-preserve-unknown-fields")),
        embedded=bool(raw.get("x-kubernetes-embedded-resource")),
        nullable=bool(raw.get("nullable")),
        list_type=list_type,
        list_map_keys=keys,
        key_defaults=_key_defaults(items, keys) if keys else None,
        map_type=str(raw.get("x-kubernetes-map-type") or "granular"),
        by_value=False,
    )


def _structural_fields(raw: Mapping[str, Any], object_meta: Schema, embedded: bool) -> Fields:
    properties = {
        name: from_structural(child, object_meta, root=False) for name, child in (raw.get("properties") or {}).items()
    }
    if embedded:
        properties["apiVersion"] = properties["kind"] = Schema(STRING)
        properties["metadata"] = object_meta
    return Fields(properties, frozenset(raw.get("required") or ()))


def _structural_additional(raw: Any, object_meta: Schema) -> Schema | None:
    if isinstance(raw, Mapping):
        return from_structural(raw, object_meta, root=False)
    return UNKNOWN if raw is True else None


def _key_defaults(items: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    properties = (items or {}).get("properties") or {}
    return {key: properties[key]["default"] for key in keys if "default" in (properties.get(key) or {})}
