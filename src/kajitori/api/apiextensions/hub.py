"""A definition's spec as upstream's validation sees it: what all versions say alike stands once, above them.

That decides the path of an error: `spec.validation.openAPIV3Schema` if all versions have the same schema, otherwise
`spec.versions[i].schema.openAPIV3Schema`. Pure. May import: api.apiextensions.shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.apiextensions import shown

Object = dict[str, Any]


class Hub:
    """`schema`, `subresources`, `columns`, `selectable`: what is the same in every version, else None (or empty)."""

    def __init__(self, spec: Object) -> None:
        self.spec = spec
        self.versions: list[Object] = spec.get("versions") or []
        self.schema: Object | None = (self._same("schema") or {}).get("openAPIV3Schema")
        self.subresources: Object | None = self._same("subresources")
        self.columns: list[Object] = self._same("additionalPrinterColumns") or []
        self.selectable: list[Object] = self._same("selectableFields") or []

    def _same(self, field: str) -> Any:
        values = [version.get(field) for version in self.versions]
        return values[0] if values and all(value == values[0] for value in values) else None

    def shown(self) -> list[Object] | None:
        """The versions as errors show them."""
        apart = {"schema_apart": self._same("schema") is not None, "subresources_apart": self.subresources is not None}
        return [shown.version(version, **apart) for version in self.versions] or self.spec.get("versions")

    def schema_of(self, version: Mapping[str, Any]) -> Object | None:
        """A version's schema."""
        return (version.get("schema") or {}).get("openAPIV3Schema")

    def has_status(self, version: Mapping[str, Any]) -> bool:
        """Whether a version has the status subresource."""
        return (version.get("subresources") or {}).get("status") is not None

    def has_any_status(self) -> bool:
        """Whether one of the versions has."""
        return any(self.has_status(version) for version in self.versions)

    def has_defaults(self) -> bool:
        """Whether a schema has a default anywhere."""
        return any(_has_default(self.schema_of(version)) for version in self.versions)

    def judged(self, version: Mapping[str, Any], now: Hub) -> bool:
        """Whether a version of `now` has a schema that was accepted here under the same conditions."""
        for mine in self.versions:
            if mine.get("name") == version.get("name"):
                same = self.schema_of(mine) == now.schema_of(version)
                return same and self.has_any_status() == now.has_any_status()
        return False


def _has_default(raw: Any) -> bool:
    if isinstance(raw, list):
        return any(map(_has_default, raw))
    if not isinstance(raw, Mapping):
        return False
    if raw.get("default") is not None:
        return True
    children = [raw.get(name) for name in ("items", "additionalProperties", "not", "allOf", "anyOf", "oneOf")]
    return any(map(_has_default, [*children, *(raw.get("properties") or {}).values()]))
