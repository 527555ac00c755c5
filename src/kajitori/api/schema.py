"""Schemas and typed objects of the built-in kinds: what is asked for is built once, from Kubernetes' own definitions.

Encoding and decoding cost a few microseconds. Decoding is forgiving, as a client should be: unknown fields are dropped
and a null reads as absent. Whoever must refuse bad input uses `check`.

May import: msgspec, orjson, api.definitions, api.naming, api.structs, api.typetree, machinery.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import orjson

from kajitori.api import definitions, naming
from kajitori.machinery.nulls import without_nulls
from kajitori.machinery.typeschema import Schema

T = TypeVar("T")

is_builtin_group = naming.is_builtin_group


def definition(name: str) -> dict[str, Any]:
    """The OpenAPI definition, descriptions included: `io.k8s.api.core.v1.Pod`."""
    return definitions.full(name)


def type_schema(name: str) -> Schema:
    """The shape of a definition, for patches, pruning and managed fields."""
    from kajitori.api import typetree

    return typetree.schema_of(name)


def for_kind(group: str, version: str, kind: str) -> Schema:
    """The schema of a built-in kind. Nothing is read before something looks into it."""
    return type_schema(naming.definition_name(group, version, kind))


def struct(name: str) -> Any:
    """The typed struct of a definition."""
    from kajitori.api import structs

    return structs.struct(name)


_encoder = msgspec.json.Encoder()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decode(type_: type[T], data: bytes) -> T:
    """A typed object from JSON. Raises msgspec.ValidationError if it is not of this shape."""
    decoder = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders[type_] = msgspec.json.Decoder(type_)
    try:
        found: T = decoder.decode(data)
        return found
    except msgspec.ValidationError:
        return msgspec.convert(without_nulls(orjson.loads(data)), type_)


def encode(obj: Any) -> bytes:
    """The JSON of a typed object, without defaults."""
    return _encoder.encode(obj)


def to_wire(obj: Any) -> dict[str, Any]:
    """The wire dict of a typed object, without defaults."""
    wire: dict[str, Any] = msgspec.to_builtins(obj)
    return wire


def from_wire(type_: type[T], obj: dict[str, Any]) -> T:
    """A typed object from its wire dict."""
    try:
        return msgspec.convert(obj, type_)
    except msgspec.ValidationError:
        return msgspec.convert(without_nulls(obj), type_)


def clone(obj: T) -> T:
    """A deep copy, to change what an informer's cache shares."""
    return decode(type(obj), _encoder.encode(obj))
