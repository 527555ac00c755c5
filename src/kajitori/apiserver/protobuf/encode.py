"""From wire dicts to `application/vnd.kubernetes.protobuf`, the inverse of `decode`.

What the JSON of an object leaves out its message leaves out too: to a reader of protobuf that is the zero value. For
each message a plan is made once: a writer for each JSON name, and the inlined Go structs, which are messages in
protobuf and fields of their parent in JSON.

    encode        a whole body: the object in its envelope
    encode_list   the same of a list whose items are messages already
    frame         an event of a watch: four bytes of length, then a WatchEvent around a whole body

May import: api.schema, protobuf.messages, machinery.times.
"""

import base64
import functools
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

import orjson

from kajitori.api import schema as api_schema
from kajitori.apiserver.protobuf.messages import MAGIC, META, Field, Object, fields_of, message_for
from kajitori.machinery.times import parse_time

Write = Callable[[Any], bytes]


class Plan(NamedTuple):
    """How an object of one type is written. `inlined`: (tag, plan) of the structs whose fields are the object's own."""

    writers: dict[str, Write]
    inlined: tuple[tuple[bytes, "Plan"], ...]


def encode(obj: Object) -> bytes:
    """The body for an object of a kind that has a message."""
    api_version, kind = obj["apiVersion"], obj["kind"]
    message = message_for(api_version, kind)
    assert message is not None, f"{kind} has no message"
    return _enveloped(api_version, kind, encode_message(message, obj))


def encode_json(data: bytes) -> bytes:
    """The same of an object's JSON."""
    return encode(orjson.loads(data))


def encode_message(message: str, obj: Object) -> bytes:
    """The bytes of an object alone."""
    return _object(_plan(message, message), obj)


def encode_list(api_version: str, kind: str, metadata: Object, items: Iterable[bytes]) -> bytes:
    """The body for a list of encoded messages."""
    found = [_field(1, encode_message(META + "ListMeta", metadata))]
    found.extend(_field(2, item) for item in items)
    return _enveloped(api_version, kind, b"".join(found))


def frame(event_type: str, body: bytes) -> bytes:
    """One event of a watch."""
    event = _field(1, event_type.encode()) + _field(2, _field(1, body))
    return len(event).to_bytes(4, "big") + event


def _enveloped(api_version: str, kind: str, raw: bytes) -> bytes:
    type_meta = _field(1, api_version.encode()) + _field(2, kind.encode())
    return b"".join((MAGIC, _field(1, type_meta), _field(2, raw), _field(3, b""), _field(4, b"")))


@functools.cache
def _plan(message: str, owner: str) -> Plan:
    """The plan of a message whose fields are JSON fields of `owner`."""
    properties = _properties(owner)
    writers: dict[str, Write] = {}
    inlined = []
    for number, field in fields_of(message).items():
        key = field.key_among(properties)
        if properties and key not in properties and field.is_message:
            inlined.append((_tag(number, 2), _plan(field.kind, owner)))
        else:
            writers[key] = _writer(number, field)
    return Plan(writers, tuple(inlined))


def _properties(message: str) -> Collection[str]:
    try:
        return api_schema.type_schema("io.k8s." + message).properties
    except KeyError:  # what OpenAPI does not describe: all fields are plain
        return ()


def _object(plan: Plan, obj: Object) -> bytes:
    found = []
    writers = plan.writers
    for key, value in obj.items():
        write = writers.get(key)
        if write is not None and value is not None:
            found.append(write(value))
    for tag, inner in plan.inlined:
        data = _object(inner, obj)
        if data:
            found.append(b"%b%b%b" % (tag, _varint(len(data)), data))
    return b"".join(found)


def _writer(number: int, field: Field) -> Write:
    """Writes a field's JSON value, tag and all."""
    wire, value_of = _value(field.kind)
    if field.is_map:
        first, second, tag = _tag(1, 2), _tag(2, wire), _tag(number, 2)

        def write_map(value: Any) -> bytes:
            found = []
            for key, item in value.items():
                name = key.encode()
                entry = b"%b%b%b%b%b" % (first, _varint(len(name)), name, second, value_of(item))
                found.append(b"%b%b%b" % (tag, _varint(len(entry)), entry))
            return b"".join(found)

        return write_map
    tag = _tag(number, wire)
    if field.repeated:
        return lambda value: b"".join([tag + value_of(item) for item in value])
    return lambda value: tag + value_of(value)


def _value(kind: str) -> tuple[int, Write]:
    """The wire type of a kind, and what writes its values: messages and the like with their length."""
    match kind:
        case "s":
            return 2, lambda value: _sized(value.encode())
        case "y":
            return 2, lambda value: _sized(base64.b64decode(value))
        case "b":
            return 0, lambda value: b"\x01" if value else b"\x00"
        case "i":
            return 0, _varint
        case "d":
            import struct

            return 1, lambda value: struct.pack("<d", value)
    if "JSONSchemaPropsOr" in kind:
        return 2, lambda value: _sized(_schema_or(kind, value))
    special = _SPECIAL.get(kind.rpartition(".")[2])
    if special is not None:
        return 2, lambda value: _sized(special(value))
    return 2, lambda value: _sized(_object(_plan(kind, kind), value))


def _schema_or(kind: str, value: Any) -> bytes:
    """A schema, or what may stand in its place: several schemas, a boolean, names."""
    fields = {field.name: (number, field) for number, field in fields_of(kind).items()}
    if isinstance(value, bool):
        return _writer(*fields["allows"])(value)
    if isinstance(value, list):
        return _writer(*next(entry for entry in fields.values() if entry[1].repeated))(value)
    allows = _writer(*fields["allows"])(True) if "allows" in fields else b""
    return allows + _writer(*fields["schema"])(value)


def _time(value: str) -> bytes:
    moment = parse_time(value)
    nanos = moment.microsecond * 1000
    return b"\x08" + _varint(int(moment.timestamp() // 1)) + b"\x10" + _varint(nanos)


def _int_or_string(value: int | str) -> bytes:
    if isinstance(value, str):
        return b"\x08\x01\x10\x00" + _field(3, value.encode())
    return b"\x08\x00\x10" + _varint(value) + _field(3, b"")


def _raw(value: Any) -> bytes:
    return _field(1, orjson.dumps(value))


def _items(value: list[str]) -> bytes:
    return b"".join([_field(1, item.encode()) for item in value])


_SPECIAL: dict[str, Write] = {
    "Time": _time,
    "MicroTime": _time,
    "Quantity": lambda value: _field(1, str(value).encode()),
    "IntOrString": _int_or_string,
    "RawExtension": _raw,
    "FieldsV1": _raw,
    "JSON": _raw,
    "ExtraValue": _items,
    "Verbs": _items,
}
"""Messages with a JSON form of their own."""


def _field(number: int, data: bytes) -> bytes:
    return b"%b%b%b" % (_tag(number, 2), _varint(len(data)), data)


def _sized(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _tag(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


_SMALL = [bytes((number,)) for number in range(128)]


def _varint(number: int) -> bytes:
    if 0 <= number < 128:
        return _SMALL[number]
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 127:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
