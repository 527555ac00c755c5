"""How a watch's events look: the objects in the client's form, and the frames that are of the server's own making.

May import: cache, handlers.{call,rendering}, protobuf, serving.
"""

import functools
from collections.abc import Callable
from datetime import datetime

import orjson

from kajitori.apiserver.cache.events import BOOKMARK, Variant, encode_frame
from kajitori.apiserver.cache.versions import converts
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.rendering import included
from kajitori.apiserver.serving import tables
from kajitori.apiserver.serving.negotiation import As, Format

INITIAL_END = {"k8s.io/initial-events-end": "true"}
"""The annotation of the bookmark after the last event about what was there before."""


def variant(call: Call, now: Callable[[], datetime]) -> Variant | None:
    """What is made of the stored bytes of an object that no webhook converts; None: nothing."""
    resource, made = call.resource, shape(call, now)
    if made is not None or not converts(resource):
        return made
    finish: Variant = _in_protobuf() if call.format.protobuf else bytes
    return lambda data: finish(orjson.dumps(resource.strategy.from_storage(orjson.loads(data))))


def shape(call: Call, now: Callable[[], datetime]) -> Variant | None:
    """What is made of an object's bytes for a client that does not want the object itself."""
    resource, wanted = call.resource, call.format
    if wanted.shape is As.TABLE:
        return tables.watch_table(resource, included(call), now, wanted.version)
    if wanted.shape is not As.OBJECT:
        return _partial(wanted)
    return _in_protobuf() if wanted.protobuf else None


def _in_protobuf() -> Variant:
    from kajitori.apiserver.protobuf.encode import encode_json

    return encode_json


@functools.cache
def _partial(wanted: Format) -> Variant:
    """Metadata alone; one function for all who ask for the same, so that they share what it makes."""
    finish: Variant = _in_protobuf() if wanted.protobuf else bytes
    return lambda data: finish(tables.partial_bytes(data, wanted.version))


def bookmark(call: Call, revision: int, annotations: dict[str, str] | None = None) -> bytes:
    """The event that says how far a stream has come: a bare object of the kind, in the client's form."""
    resource, wanted = call.resource, call.format.shape
    meta: dict[str, object] = {"resourceVersion": str(revision)}
    if annotations:
        meta["annotations"] = annotations
    bare: dict[str, object] = {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": meta}
    partial: dict[str, object] = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    if wanted in (As.PARTIAL, As.PARTIAL_LIST):
        return framed(call, BOOKMARK, partial)
    if wanted is not As.TABLE:
        return framed(call, BOOKMARK, bare)
    told = {"": partial, "Metadata": partial, "Object": bare}.get(included(call))
    table: dict[str, object] = {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": meta["resourceVersion"]},
        "columnDefinitions": None,
        "rows": [{"cells": [], "object": told}],
    }
    return framed(call, BOOKMARK, table)


def framed(call: Call, event_type: str, obj: dict[str, object]) -> bytes:
    """An event of our own making."""
    data = orjson.dumps(obj)
    return encode_frame(event_type, _in_protobuf()(data) if call.format.protobuf else data)
