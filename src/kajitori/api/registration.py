"""One `Resource` says all there is to say of a resource: discovery, routing, decoding, patching, validation, tables.

Built-in kinds and custom resources share it. Registering costs next to nothing: a schema is read when something first
looks into it. May import: machinery, api.{schema,strategy}.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from kajitori.api import schema as api_schema
from kajitori.api.strategy import Object, Strategy
from kajitori.machinery.typeschema import Schema

ALL_VERBS: Final = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})

SUBRESOURCE_VERBS: Final = frozenset({"get", "patch", "update"})

CREATE_ONLY: Final = frozenset({"create"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A printed column. `format="name"` marks the one that holds the object's name.

    A custom resource's column brings its description; what the others show is told by `api.column_texts`.
    """

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0


@dataclass(frozen=True, kw_only=True)
class Subresource:
    """A part of a resource with a kind of its own, such as `scale`; an empty kind means the parent's."""

    kind: str = ""
    group: str | None = None
    version: str = ""
    verbs: frozenset[str] = SUBRESOURCE_VERBS

    def schema(self, parent: Resource) -> Schema:
        """Its own kind's, or the parent's when it shows the parent (`status`)."""
        if not self.kind or self.kind == parent.kind:
            return parent.schema
        group = parent.group if self.group is None else self.group
        return api_schema.for_kind(group, self.version or parent.version, self.kind)


NAME_COLUMN: Final = Column(name="Name", format="name")

CREATED_AT_COLUMN: Final = Column(name="Created At", type="date")


def metadata_fields(obj: Object) -> dict[str, str]:
    """The fields that every kind may be selected by."""
    metadata = obj.get("metadata") or {}
    return {"metadata.name": metadata.get("name") or "", "metadata.namespace": metadata.get("namespace") or ""}


class Converter(Protocol):
    """Who turns stored objects into the version that is asked for, and knows the answers for a while."""

    async def prepare(self, resource: Resource, entries: Iterable[Any], /) -> None:
        """See to it that all of these can be shown."""

    async def convert(self, objects: Sequence[Mapping[str, Any]], wanted: str, /) -> list[Object]:
        """All objects in the wanted apiVersion. Raises StatusError."""

    async def read(self, stored: Sequence[Mapping[str, Any]], wanted: str, /) -> list[Object]:
        """The same for objects as they are stored: with the defaults of their version. Raises StatusError."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One version of a kind of objects. `Resource(...)` reads no schema and loads no code; see the module."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: frozenset[str] = ALL_VERBS
    schema: Schema = None  # type: ignore[assignment]  # a built-in kind finds its own in __post_init__
    subresources: Mapping[str, Subresource] = field(default_factory=dict)
    strategy: Strategy = field(default_factory=Strategy)
    columns: tuple[Column, ...] = (NAME_COLUMN, CREATED_AT_COLUMN)
    selectable_fields: Callable[[Object], dict[str, str]] = metadata_fields
    storage_prefix: str = ""
    storage_version: str = ""
    custom: bool = False
    """Made from a CustomResourceDefinition."""
    tidy: Callable[[bytes], bytes] | None = None
    """Brings a stored value, written perhaps under an older schema, into the form in which it is served."""
    scale_paths: Mapping[str, str] | None = None
    """Where a custom resource keeps what its scale subresource shows."""
    converter: Converter | None = None
    """Converts a custom resource's versions by webhook, before objects are shown."""
    deprecation: str = ""
    """The warning that every request to this version is answered with."""
    orphans: bool = False
    """A deletion that does not say otherwise leaves the dependents alone: so it was before there was a choice."""
    orphan_warning: str = ""
    """What such a deletion is answered with."""

    def __post_init__(self) -> None:
        fill = functools.partial(object.__setattr__, self)
        if not self.singular:
            fill("singular", self.kind.lower())
        if not self.list_kind:
            fill("list_kind", self.kind + "List")
        if self.schema is None:
            fill("schema", api_schema.for_kind(self.group, self.version, self.kind))
        if not self.storage_prefix:
            fill("storage_prefix", _storage_prefix(self.group, self.plural))
        if not self.storage_version:
            fill("storage_version", self.version)

    @functools.cached_property
    def group_version(self) -> str:
        """`apps/v1`; `v1` for the core group. What objects carry as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def api_version(self) -> str:
        return self.group_version

    @functools.cached_property
    def group_resource(self) -> str:
        """`deployments.apps`; `pods` for the core group. What messages say."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @functools.cached_property
    def root_path(self) -> str:
        """Where the group version is served, without the resource: `/apis/apps/v1`."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def api_path(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
        """The URL's path; a namespace is left out where the resource has none, so callers need not ask."""
        path = self.root_path
        if self.namespaced and namespace:
            path += f"/namespaces/{namespace}"
        path += f"/{self.plural}"
        if name:
            path += f"/{name}"
        return f"{path}/{subresource}" if subresource else path

    def key(self, namespace: str | None, name: str) -> str:
        """The store's key of an object; without a name the prefix of a namespace, or of everything."""
        if self.namespaced and namespace:
            return f"{self.storage_prefix}{namespace}/{name}"
        return f"{self.storage_prefix}{name}"

    def __repr__(self) -> str:
        return f"Resource({self.group_resource}/{self.version})"


_SPECIAL_PREFIXES = {
    ("", "services"): "/registry/services/specs/",
    ("", "endpoints"): "/registry/services/endpoints/",
    ("", "nodes"): "/registry/minions/",
    ("networking.k8s.io", "ingresses"): "/registry/ingress/",
}

_GROUPED_PREFIXES = frozenset({"apiextensions.k8s.io", "apiregistration.k8s.io"})


def _storage_prefix(group: str, plural: str) -> str:
    """Upstream's keys: the old groups leave their name out."""
    special = _SPECIAL_PREFIXES.get((group, plural))
    if special:
        return special
    if group in _GROUPED_PREFIXES or not api_schema.is_builtin_group(group):
        return f"/registry/{group}/{plural}/"
    return f"/registry/{plural}/"
