"""From `application/vnd.kubernetes.protobuf` to a wire dict.

How values look in JSON follows from the kind's schema: a message field that the schema does not know is an inlined Go
struct, whose fields belong to its parent.

Go's encoder writes empty strings, zeros and false for every plain field, and for pointers only when they are set: the
zeros that the kind's type does not print are taken out in the end.

May import: api.{schema,zeros}, protobuf.messages, machinery.errors.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from kajitori.api import schema as api_schema
from kajitori.api import zeros
from kajitori.apiserver.protobuf.messages import MAGIC, META, Object, fields_of, message_for
from kajitori.machinery.errors import BadRequest
from kajitori.machinery.typeschema import Schema

_MAX_DEPTH = 64
_LARGEST_PLAIN = 1e21
"""Below it Go writes a whole number without point and exponent."""


def decode(body: bytes) -> Object:
    """The object in a body, with apiVersion and kind. Raises BadRequest."""
    if not body.startswith(MAGIC):
        raise BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        return _decode(body[len(MAGIC) :])
    except (ValueError, IndexError, KeyError, RecursionError) as error:
        raise BadRequest(f"unable to decode protobuf: {error}") from error


def _decode(data: bytes) -> Object:
    type_meta, raw, content_type = {}, b"", ""
    for number, value in _read(data):
        if number == 1 and isinstance(value, bytes):
            type_meta = {n: bytes(v).decode() for n, v in _read(value) if isinstance(v, bytes)}
        elif number == 2 and isinstance(value, bytes):
            raw = value
        elif number == 4 and isinstance(value, bytes):
            content_type = value.decode()
    api_version, kind = type_meta.get(1, ""), type_meta.get(2, "")
    if content_type == "application/json":
        parsed: Object = orjson.loads(raw)
        return parsed
    name = message_for(api_version, kind)
    if name is None:
        raise ValueError(f"no kind {kind!r} is registered for version {api_version!r}")
    definition = "io.k8s." + name
    obj = _message(raw, name, api_schema.type_schema(definition), 0)
    zeros.settler_of(definition)(obj)
    return {"kind": kind, "apiVersion": api_version, **obj}


def _message(data: bytes, name: str, schema: Schema, depth: int) -> Object:
    if depth > _MAX_DEPTH:
        raise ValueError("message is nested too deeply")
    table = fields_of(name)
    properties = schema.properties
    result: Object = {}
    for number, value in _read(data):
        field = table.get(number)
        if field is None:
            continue
        key = field.key_among(properties)
        child = properties.get(key)
        if child is None:
            if field.is_message:  # an inlined struct
                result.update(_message(_bytes(value), field.kind, schema, depth + 1))
            continue
        if field.is_map:
            entry_key, entry_value = _entry(_bytes(value), field.kind, child.additional or child, depth)
            result.setdefault(key, {})[entry_key] = entry_value
        elif field.repeated:
            result.setdefault(key, []).append(_value(value, field.kind, child.items or child, depth))
        else:
            found = _value(value, field.kind, child, depth)
            if found is not None:
                result[key] = found
    return result


def _entry(data: bytes, kind: str, schema: Schema, depth: int) -> tuple[str, Any]:
    key, value = "", _zero(kind)
    for number, raw in _read(data):
        if number == 1:
            key = _bytes(raw).decode()
        elif number == 2:
            value = _value(raw, kind, schema, depth)
    return key, value


def _zero(kind: str) -> Any:
    return {"s": "", "y": "", "i": 0, "b": False}.get(kind, {})


def _value(value: int | bytes, kind: str, schema: Schema, depth: int) -> Any:
    match kind:
        case "s":
            return _bytes(value).decode()
        case "y":
            return base64.b64encode(_bytes(value)).decode()
        case "b":
            return bool(value)
        case "i":
            number = _int(value)
            return number - (1 << 64) if number >= 1 << 63 else number
        case "d":
            import struct

            (found,) = struct.unpack("<d", _int(value).to_bytes(8, "little"))
            return int(found) if found.is_integer() and abs(found) < _LARGEST_PLAIN else found
    return _special(_bytes(value), kind, schema, depth)


def _special(data: bytes, kind: str, schema: Schema, depth: int) -> Any:
    """Messages with a JSON form of their own; all others are objects."""
    last = kind.rpartition(".")[2]
    if kind in (META + "Time", META + "MicroTime"):
        return _time(data, micro=last == "MicroTime")
    if last == "Quantity":
        return next((_bytes(v).decode() for _, v in _read(data)), "0")
    if last == "IntOrString":
        parts = dict(_read(data))
        if parts.get(1):
            return _bytes(parts.get(3, b"")).decode()
        number = _int(parts.get(2, 0))
        return number - (1 << 64) if number >= 1 << 63 else number
    if last.startswith("JSONSchemaPropsOr"):
        return _schema_or(data, kind, depth)
    if last in ("RawExtension", "FieldsV1", "JSON"):
        raw = next((_bytes(v) for _, v in _read(data)), b"")
        return orjson.loads(raw) if raw else None
    if last == "ExtraValue":
        return [_bytes(v).decode() for _, v in _read(data)]
    return _message(data, kind, schema, depth + 1)


def _schema_or(data: bytes, kind: str, depth: int) -> Any:
    """A schema, or what may stand in its place: several schemas, a boolean, names."""
    plain, rest = None, []
    for number, value in _read(data):
        field = fields_of(kind).get(number)
        if field is None:
            continue
        schema = api_schema.type_schema("io.k8s." + field.kind) if field.is_message else Schema()
        found = _value(value, field.kind, schema, depth)
        if field.repeated:
            rest.append(found)
        elif field.kind == "b":
            plain = found
        else:
            return found
    return rest if plain is None else plain


def _time(data: bytes, *, micro: bool) -> str | None:
    parts = {n: _int(v) for n, v in _read(data)}
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    if seconds >= 1 << 63:
        seconds -= 1 << 64
    if not parts or seconds <= -62135596800:  # Go's zero time
        return None
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    fraction = f".{nanos // 1000:06d}" if micro else ""
    return moment.isoformat(timespec="seconds") + fraction + "Z"


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("wrong wire type")
    return value


def _int(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ValueError("wrong wire type")
    return value


def _read(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message's fields."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > end:
                raise ValueError("unexpected EOF")
            yield number, data[at : at + size]
            at += size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            yield number, int.from_bytes(data[at : at + size], "little")
            at += size
        else:
            raise ValueError(f"illegal wireType {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
        if shift > 63:
            raise ValueError("integer overflow")
