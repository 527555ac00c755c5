"""/openapi/v2 in protobuf (gnostic's openapi.v2.Document), the only form in which kubectl asks for it.

It does so for files that hold a List, to know what the fields are.

What kubectl reads of the document is written: the definitions, and of the paths the patch operations with their query
parameters and kinds. The numbers are those of gnostic's OpenAPIv2.proto.
May import: orjson.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

# kubectl asks with an "@" before v1.0, which no media type may have; servers answer with a full stop
MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
Object = Mapping[str, Any]


def encode(document: Object) -> bytes:
    """A Swagger document as a message."""
    definitions = b"".join(_message(1, _named(name, _schema(one))) for name, one in document["definitions"].items())
    return (
        _text(1, document.get("swagger", "2.0"))
        + _message(2, _info(document.get("info") or {}))
        + _message(8, b"".join(_paths(document["paths"])))
        + _message(9, definitions)
    )


def _info(info: Object) -> bytes:
    return _text(1, info.get("title", "")) + _text(2, info.get("version", ""))


def _paths(paths: Object) -> Iterable[bytes]:
    for path, item in paths.items():
        operation = item.get("patch") if isinstance(item, dict) else None
        if operation is not None:
            shared = item.get("parameters") or ()
            yield _message(2, _named(path, _message(8, _operation(operation, shared))))


def _operation(operation: Object, shared: Iterable[Object]) -> bytes:
    parameters = [p for p in (*(operation.get("parameters") or ()), *shared) if p.get("in") == "query"]
    return (
        _text(5, operation.get("operationId", ""))
        + b"".join(_message(8, _query_parameter(p)) for p in parameters)
        + _extensions(13, operation)
    )


def _query_parameter(p: Object) -> bytes:
    """ParametersItem → Parameter → NonBodyParameter → QueryParameterSubSchema."""
    inner = (
        _text(2, "query")
        + _text(3, p.get("description", ""))
        + _text(4, p.get("name", ""))
        + _text(6, p.get("type", ""))
    )
    return _message(1, _message(2, _message(3, inner)))


def _schema(one: Object) -> bytes:
    out = [_text(1, one.get("$ref", "")), _text(2, one.get("format", "")), _text(4, one.get("description", ""))]
    if "default" in one:
        out.append(_message(5, _any(one["default"])))
    for number, name in ((7, "maximum"), (9, "minimum")):
        if name in one:
            out.append(_varint(number << 3 | 1) + struct.pack("<d", float(one[name])))
    out.append(_text(13, one.get("pattern", "")))
    out += [_text(19, name) for name in one.get("required") or ()]
    out += [_message(20, _any(value)) for value in one.get("enum") or ()]
    additional = one.get("additionalProperties")
    if isinstance(additional, dict):
        out.append(_message(21, _message(1, _schema(additional))))
    elif additional is True:
        out.append(_message(21, b"\x10\x01"))
    kind = one.get("type")
    if kind:
        kinds = [kind] if isinstance(kind, str) else kind
        out.append(_message(22, b"".join(_text(1, name) for name in kinds)))
    if isinstance(one.get("items"), dict):
        out.append(_message(23, _message(1, _schema(one["items"]))))
    out += [_message(24, _schema(part)) for part in one.get("allOf") or ()]
    properties = one.get("properties")
    if properties:
        out.append(_message(25, b"".join(_message(1, _named(n, _schema(p))) for n, p in properties.items())))
    return b"".join(out) + _extensions(31, one)


def _extensions(number: int, one: Object) -> bytes:
    """`x-…`, each as a NamedAny."""
    return b"".join(_message(number, _named(name, _any(value))) for name, value in one.items() if name.startswith("x-"))


def _any(value: Any) -> bytes:
    return _text(2, orjson.dumps(value).decode() + "\n")  # JSON is YAML


def _named(name: str, value: bytes) -> bytes:
    return _text(1, name) + _message(2, value)


def _text(number: int, text: str) -> bytes:
    return _message(number, text.encode()) if text else b""


def _message(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
