"""The registry of resources: one `Resource` drives discovery, routing, decoding, patching, validation and tables.

Built-in kinds and custom resources share this one registration. `builtin()` collects what the group subpackages
contribute as `RESOURCES`; a CRD makes a `Resource` at run time and adds it to a scheme. Registering costs next to
nothing: a schema is read when something first looks into it.

May import: machinery, api.schema.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kajitori.api import schema as api_schema
from kajitori.machinery.fieldpath import FieldError
from kajitori.machinery.typeschema import Schema

GROUPS: Final = (
    "core",
    "apps",
    "batch",
    "autoscaling",
    "policy",
    "rbac",
    "networking",
    "discovery",
    "storage",
    "scheduling",
    "coordination",
    "events",
    "authentication",
    "authorization",
    "certificates",
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "node",
    "flowcontrol",
    "resource",
)
"""The subpackages that contribute resources, in the order in which discovery lists their groups."""

ALL_VERBS: Final = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})
READ_ONLY_VERBS: Final = frozenset({"get", "list", "watch"})
SUBRESOURCE_VERBS: Final = frozenset({"get", "patch", "update"})
CREATE_ONLY: Final = frozenset({"create"})

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A printed column. `format="name"` marks the one that holds the object's name."""

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
        if not self.kind or self.kind == parent.kind:
            return parent.schema
        group = parent.group if self.group is None else self.group
        return api_schema.for_kind(group, self.version or parent.version, self.kind)


NAME_COLUMN: Final = Column(
    name="Name",
    format="name",
    description="Name must be unique within a namespace. Is required when creating resources, although some resources "
    "may allow a client to request the generation of an appropriate name automatically. Name is primarily intended "
    "for creation idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
)
AGE_COLUMN: Final = Column(
    name="Age",
    description="CreationTimestamp is a timestamp representing the server time when this object was created. It is "
    "not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It "
    "is represented in RFC3339 form and is in UTC.",
)
CREATED_AT_COLUMN: Final = Column(name="Created At", type="date", description=AGE_COLUMN.description)


class Strategy:
    """What a kind says about its own life. Hooks get wire dicts, change them in place and do no I/O.

    Every hook does nothing by default; `SpecStatusStrategy` has the usual behaviour of kinds with spec and status.
    """

    reads: type | None = None
    """A TypedDict of all that `row` looks at beside the metadata; None where it may look at anything."""

    def default(self, obj: Object) -> None:
        """Fill in the fields that the API defaults."""

    def prepare_for_create(self, obj: Object) -> None:
        """Drop what a client may not set on create."""

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put back what a client may not change on update."""

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put back everything but the status."""
        status = obj.get("status")
        metadata = obj.get("metadata")
        obj.clear()
        obj.update(old)
        if status is not None:
            obj["status"] = status
        else:
            obj.pop("status", None)
        if metadata is not None:
            kept = dict(old.get("metadata") or {})
            if "managedFields" in metadata:
                kept["managedFields"] = metadata["managedFields"]
            if "resourceVersion" in metadata:
                kept["resourceVersion"] = metadata["resourceVersion"]
            for name in ("labels", "annotations", "finalizers", "ownerReferences"):
                if name in metadata:
                    kept[name] = metadata[name]
                else:
                    kept.pop(name, None)
            obj["metadata"] = kept

    def validate(self, obj: Object) -> list[FieldError]:
        return []

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return []

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return []

    def warnings(self, obj: Object, old: Object | None) -> list[str]:
        """What a client should hear about an accepted object; `old` is None on create."""
        return []

    def grace_period_s(self, obj: Object, requested: int | None) -> int | None:
        """The grace period of a deletion; None where the kind is deleted at once."""
        return None

    def row(self, obj: Object, now: datetime) -> list[Any]:
        """The cells of this object under the resource's columns."""
        metadata = obj.get("metadata") or {}
        return [metadata.get("name", ""), metadata.get("creationTimestamp", "")]

    def to_storage(self, obj: Object) -> Object:
        """The object as it is stored, for a version that is not the stored one."""
        return obj

    def from_storage(self, obj: Object) -> Object:
        """The stored object as this version shows it."""
        return obj


class SpecStatusStrategy(Strategy):
    """Status changes only through its subresource; the generation counts changes of everything else."""

    unversioned = frozenset({"metadata", "status", "apiVersion", "kind"})

    def prepare_for_create(self, obj: Object) -> None:
        obj.pop("status", None)
        obj.setdefault("metadata", {})["generation"] = 1

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        if "status" in old:
            obj["status"] = old["status"]
        else:
            obj.pop("status", None)
        generation = (old.get("metadata") or {}).get("generation") or 1
        changed = any(
            obj.get(name) != old.get(name) for name in obj.keys() | old.keys() if name not in self.unversioned
        )
        obj.setdefault("metadata", {})["generation"] = generation + 1 if changed else generation


def metadata_fields(obj: Object) -> dict[str, str]:
    """The fields that every kind may be selected by."""
    metadata = obj.get("metadata") or {}
    return {"metadata.name": metadata.get("name") or "", "metadata.namespace": metadata.get("namespace") or ""}


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
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
    converter: Any = None
    """Converts a custom resource's versions by webhook: `prepare(resource, entries)` before objects are shown."""
    deprecation: str = ""
    """The warning that every request to this version is answered with."""

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
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def api_version(self) -> str:
        return self.group_version

    @functools.cached_property
    def group_resource(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @functools.cached_property
    def group_kind(self) -> str:
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @functools.cached_property
    def root_path(self) -> str:
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def api_path(self, namespace: str | None = None, name: str = "", subresource: str = "") -> str:
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


class Scheme:
    """The resources that are served, found by plural or kind. The first version added of a group is its preferred."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._by_plural: dict[tuple[str, str, str], Resource] = {}
        self._by_kind: dict[tuple[str, str, str], Resource] = {}
        self._versions: dict[str, list[str]] = {}
        self.generation = 0
        """Grows with every change: whoever keeps something made from the scheme compares it."""
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """Registers, or replaces what has the same group, version and plural."""
        self.generation += 1
        self._by_plural[resource.group, resource.version, resource.plural] = resource
        self._by_kind[resource.group, resource.version, resource.kind] = resource
        versions = self._versions.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)

    def remove(self, group: str, version: str, plural: str) -> None:
        gone = self._by_plural.pop((group, version, plural), None)
        if gone is None:
            return
        self.generation += 1
        self._by_kind.pop((group, version, gone.kind), None)
        if not any(key[:2] == (group, version) for key in self._by_plural):
            self._versions[group].remove(version)
            if not self._versions[group]:
                del self._versions[group]

    def resources(self) -> Iterator[Resource]:
        return iter(list(self._by_plural.values()))

    def __len__(self) -> int:
        return len(self._by_plural)

    def by_plural(self, group: str, version: str, plural: str) -> Resource | None:
        return self._by_plural.get((group, version, plural))

    def by_kind(self, group: str, version: str, kind: str) -> Resource | None:
        return self._by_kind.get((group, version, kind))

    def for_object(self, obj: Object) -> Resource | None:
        """By the apiVersion and kind that an object carries."""
        group, version = split_api_version(obj.get("apiVersion") or "")
        return self.by_kind(group, version, obj.get("kind") or "")

    def groups(self) -> list[str]:
        return list(self._versions)

    def versions(self, group: str) -> list[str]:
        return list(self._versions.get(group, ()))

    def preferred_version(self, group: str) -> str | None:
        versions = self._versions.get(group)
        return versions[0] if versions else None

    def set_versions(self, group: str, versions: list[str]) -> None:
        """Orders the versions of a group, preferred first; custom resources sort theirs by maturity."""
        self.generation += 1
        self._versions[group] = [version for version in versions if version in self._versions.get(group, ())]

    def in_group_version(self, group: str, version: str) -> list[Resource]:
        return [r for r in self._by_plural.values() if r.group == group and r.version == version]


def split_api_version(api_version: str) -> tuple[str, str]:
    """`apps/v1` → ("apps", "v1"); `v1` → ("", "v1")."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", group)


@functools.cache
def _builtin_resources() -> tuple[Resource, ...]:
    resources: list[Resource] = []
    for group in GROUPS:
        resources.extend(importlib.import_module(f"kajitori.api.{group}.resources").RESOURCES)
    return tuple(resources)


def builtin() -> Scheme:
    """A new scheme with everything built in; the caller may add to it."""
    return Scheme(_builtin_resources())
