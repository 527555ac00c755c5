"""The schemas of a definition's versions, served or not: how an object in one of them is read and shaped.

As upstream's: what is read is pruned and gets its defaults by the schema of the version in which it is stored; what has
been converted, on the way out or in, is pruned by the schema of its new version, and nobody fills in defaults. So a
field that the stored version does not know is lost when it is written. May import: api.apiextensions, customresources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.apiextensions import defaulting
from kajitori.api.strategy import Object
from kajitori.apiserver.customresources.definition import schema_of
from kajitori.apiserver.customresources.typeview import CustomSchema, prune


class Versions:
    """One for each definition in each of its generations. Both methods work in place."""

    def __init__(self, crd: Mapping[str, Any]) -> None:
        spec = crd["spec"]
        group, kind = spec["group"], ((crd.get("status") or {}).get("acceptedNames") or spec["names"])["kind"]
        self._schemas = {
            f"{group}/{version['name']}": CustomSchema(schema_of(version), group, version["name"], kind)
            for version in spec.get("versions") or ()
        }

    def schema(self, group_version: str) -> CustomSchema:
        """The schema of one version."""
        return self._schemas[group_version]

    def read(self, obj: Object) -> None:
        """An object as it is read from the store, in the version that it says it has."""
        schema = self._schemas.get(obj.get("apiVersion", ""))
        if schema is not None:
            prune(schema, obj, "", [])
            defaulting.apply(schema.raw, obj)
            defaulting.drop_nulls(schema.raw, obj)

    def shape(self, obj: Object) -> None:
        """An object that has just been converted to the version that it says it has."""
        schema = self._schemas.get(obj.get("apiVersion", ""))
        if schema is not None:
            prune(schema, obj, "", [])
            defaulting.drop_nulls(schema.raw, obj)
