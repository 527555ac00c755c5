"""One object as the cache keeps it, and the splice that puts its resourceVersion into stored bytes.

Stored values carry no resourceVersion, because the store decides it at commit. `api/encoding` writes kind and
apiVersion, both of our own making, before metadata, so the first `"metadata":{` in a value is the object's own.

May import: api.registration, orjson.
"""

from collections.abc import Callable
from typing import Any

import orjson

from kajitori.api.registration import Resource, metadata_fields

SelectableFields = Callable[[dict[str, Any]], dict[str, str]]
_METADATA = b'"metadata":{'
_VERSION = b'"metadata":{"resourceVersion":"'


def encode_for_storage(obj: dict[str, Any]) -> bytes:
    """The stored form of an object: kind, apiVersion and metadata first, no resourceVersion."""
    metadata = obj["metadata"]
    version = metadata.pop("resourceVersion", None)
    ordered = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": metadata}
    ordered.update(obj)
    data = orjson.dumps(ordered)
    if version is not None:
        metadata["resourceVersion"] = version
    return data


def with_version(stored: bytes, revision: int) -> bytes:
    """A stored value with its resourceVersion put in."""
    at = stored.index(_METADATA) + len(_METADATA)
    return b'%b"resourceVersion":"%d",%b' % (stored[:at], revision, stored[at:])


def replace_version(data: bytes, revision: int) -> bytes:
    """Bytes made by `with_version`, at another resourceVersion (deletions)."""
    at = data.index(_VERSION) + len(_VERSION)
    return b"%b%d%b" % (data[:at], revision, data[data.index(b'"', at) :])


class Entry:
    """An object at one version. Immutable; `labels` and `fields` are found when first asked for."""

    __slots__ = ("_decoded", "_fields", "_labels", "data", "key", "revision", "row")

    def __init__(self, key: str, data: bytes, revision: int) -> None:
        self.key = key
        self.data = data
        self.revision = revision
        self._labels: dict[str, str] | None = None
        self._fields: tuple[SelectableFields, dict[str, str]] | None = None
        self._decoded: dict[str, Any] | None = None
        self.row: Any = None  # cache.rows.Row, once somebody has looked at it as a Table

    def learn(self, resource: Resource, obj: dict[str, Any]) -> None:
        """Take labels and fields from the object itself, when whoever wrote it still has it at hand."""
        self._labels = obj["metadata"].get("labels") or {}
        if resource.selectable_fields is not metadata_fields:
            self._fields = resource.selectable_fields, resource.selectable_fields(obj)

    def obj(self) -> dict[str, Any]:
        """A fresh copy, the caller's own."""
        decoded: dict[str, Any] = orjson.loads(self.data)
        return decoded

    def shared(self) -> dict[str, Any]:
        """A decoded object that is kept with the entry: never change it."""
        if self._decoded is None:
            self._decoded = orjson.loads(self.data)
        return self._decoded

    def superseded(self) -> None:
        """There is a newer version, or none: of history the bytes are enough."""
        self._decoded = self.row = None

    def labels(self) -> dict[str, str]:
        """metadata.labels."""
        if self._labels is None:
            self._labels = (self._decoded or self.obj())["metadata"].get("labels") or {}
        return self._labels

    def fields(self, resource: Resource) -> dict[str, str]:
        """The selectable fields. Versions of a kind may select by different ones: what is kept says whose it is."""
        select = resource.selectable_fields
        if self._fields is None or self._fields[0] is not select:
            if select is metadata_fields:
                space, _, name = self.key.removeprefix(resource.storage_prefix).rpartition("/")
                self._fields = select, {"metadata.name": name, "metadata.namespace": space}
            elif resource.converter is not None:
                self._fields = select, select(resource.strategy.from_storage(self.obj()))
            else:
                self._fields = select, select(self._decoded or self.obj())
        return self._fields[1]
