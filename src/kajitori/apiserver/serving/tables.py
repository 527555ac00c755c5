"""Tables and partial metadata: what kubectl and metadata clients ask for instead of whole objects.

May import: api.{registration,column_texts}, cache.entry, serving.negotiation.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import orjson

from kajitori.api import column_texts
from kajitori.api.registration import Column, Resource

Object = dict[str, Any]


class _Cut(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


_cut = msgspec.json.Decoder(_Cut).decode
_definitions: WeakKeyDictionary[Resource, bytes] = WeakKeyDictionary()


def column_definitions(resource: Resource) -> orjson.Fragment:
    """The header of a resource's table, kept as bytes once somebody has asked for it."""
    found = _definitions.get(resource)
    if found is None:
        found = _definitions[resource] = orjson.dumps([_definition(resource, column) for column in resource.columns])
    return orjson.Fragment(found)


def _definition(resource: Resource, column: Column) -> Object:
    described = column.description
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": described or column_texts.text(resource.group, resource.version, resource.kind, column.name),
        "priority": column.priority,
    }


def partial(obj: Object, version: str) -> Object:
    """An object's metadata alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": obj.get("metadata", {}),
    }


def partial_bytes(data: bytes, version: str) -> bytes:
    """The same, cut out of an object's bytes: nothing of it is decoded."""
    head = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/%b","metadata":' % version.encode()
    return b"%b%b}" % (head, _cut(data).metadata)


def row(resource: Resource, obj: Object, include: str, now: datetime, version: str = "v1") -> Object:
    """One row; `include` is the request's includeObject: None, Metadata (default) or Object."""
    found: Object = {"cells": resource.strategy.row(obj, now)}
    if conditions := resource.strategy.row_conditions(obj):
        found["conditions"] = conditions
    if include == "Object":
        found["object"] = obj
    else:
        found["object"] = partial(obj, version) if include != "None" else None
    return found


def table(
    resource: Resource, objects: Iterable[Object], include: str, now: datetime, metadata: Object, version: str = "v1"
) -> bytes:
    """A whole table."""
    return orjson.dumps(
        {
            "kind": "Table",
            "apiVersion": f"meta.k8s.io/{version}",
            "metadata": metadata,
            "columnDefinitions": column_definitions(resource),
            "rows": [row(resource, obj, include, now, version) for obj in objects],
        }
    )


def watch_table(
    resource: Resource, include: str, now: Callable[[], datetime], version: str
) -> Callable[[bytes], bytes]:
    """For watch events: one-row tables. Only the first carries the column definitions, as upstream's."""
    first = True

    def convert(data: bytes) -> bytes:
        nonlocal first
        obj = orjson.loads(data)
        body = {
            "kind": "Table",
            "apiVersion": f"meta.k8s.io/{version}",
            "metadata": {"resourceVersion": obj["metadata"].get("resourceVersion", "")},
            "columnDefinitions": column_definitions(resource) if first else None,
            "rows": [row(resource, obj, include, now(), version)],
        }
        first = False
        return orjson.dumps(body)

    return convert
