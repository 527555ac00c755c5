"""Request bodies: JSON or YAML to a wire dict that fits its schema.

Unknown fields and nulls are dropped; unknown and duplicate fields are warned of or refused as `fieldValidation` says;
a wrong type is a BadRequest in the words of upstream's decoder.
May import: machinery, orjson; serving.yamlbody when YAML comes.
"""

import re
from typing import Any

import orjson

from kajitori.api import checking
from kajitori.api.registration import Resource
from kajitori.machinery import fieldpath, jsonsyntax, strictjson, wirecheck
from kajitori.machinery.errors import BadRequest, Invalid, UnsupportedMediaType
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.typeschema import Schema

Object = dict[str, Any]
PROTOBUF = "application/vnd.kubernetes.protobuf"
MAX_DEPTH = 200
"""Levels of nesting in a body: what encodes it again allows 254. Nothing real comes near."""
_SUMMARY = 30
NO_KIND = "couldn't get version/kind; json parse error"
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
YAML_NOTE = "yaml: unmarshal errors:"
MEDIA_TYPES = ("application/json", "application/yaml", PROTOBUF)


def media_type(header: str) -> str:
    """The media type of a Content-Type header, without parameters."""
    return header.partition(";")[0].strip().lower()


def parse_body(body: bytes, content_type: str) -> Any:
    """The value in a body; an empty type reads as JSON, as upstream."""
    kind = media_type(content_type)
    if kind in ("", "application/json"):
        try:
            return parse_json(body)
        except Malformed as error:
            raise BadRequest(f"{NO_KIND}: {error.message}") from error
    if kind == "application/yaml":
        return parse_yaml(body)
    if kind == PROTOBUF:
        from kajitori.apiserver.protobuf.decode import decode as parse_protobuf

        return parse_protobuf(body)
    raise UnsupportedMediaType.of(MEDIA_TYPES)


class Malformed(BadRequest):
    """It is not JSON; the message says why and no more, as upstream's decoder does."""


def parse_json(body: bytes) -> Any:
    """JSON; raises Malformed."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        wrong = jsonsyntax.problem(body)
        if wrong:
            raise Malformed(wrong) from error
        try:
            value = jsonsyntax.lenient(body)
        except ValueError as refused:
            raise Malformed(str(refused)) from refused
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Malformed("invalid character '[' exceeded max depth")
    return value


def _depth(value: Any) -> int:
    """How deeply collections are nested, at most a little beyond MAX_DEPTH."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        depth += 1
    return depth


def parse_yaml(body: bytes) -> Any:
    """One YAML document of JSON's types; raises BadRequest."""
    from kajitori.apiserver.serving import yamlbody

    return yamlbody.parse(body)


def decode_object(resource: Resource, body: bytes, content_type: str, validation: str, warnings: list[str]) -> Object:
    """A body that must hold one object of the resource's kind."""
    return decode_as(
        resource.schema,
        resource.group_version,
        resource.kind,
        body,
        content_type,
        validation,
        warnings,
        custom=resource.custom,
    )


def decode_as(
    schema: Schema,
    api_version: str,
    kind: str,
    body: bytes,
    content_type: str,
    validation: str,
    warnings: list[str],
    *,
    custom: bool = False,
) -> Object:
    """A body that must hold one object of a given kind. That of a custom resource has to say which kind it is."""
    try:
        value = parse_body(body, content_type)
        if not isinstance(value, dict | None):
            raise BadRequest(f"{NO_KIND}: json: cannot unmarshal {json_type(value)} into Go value of type {TYPE_META}")
        obj: Object = value or {}
        _check_words(obj)
        if custom:
            _check_named(obj, body)
    except BadRequest as error:
        raise BadRequest(_unrecognized(kind, error.message, body)) from error
    if custom:
        _check_custom(obj, api_version, kind)
        if _ODD_NUMBER.search(body):
            obj = _with_plain_numbers(obj)
    else:
        check_kind(obj, api_version, kind)
    notes = repeated(body, obj, content_type) if validation != "Ignore" else []
    unknown = fit(obj, schema, api_version, kind)
    if unknown or notes:
        notes = _in_order(notes, unknown, body, content_type, schema)
    if notes and validation == "Strict":
        _, _, version = api_version.rpartition("/")
        raise BadRequest(wirecheck.cannot_handle(version, kind, strictjson.strict_error(notes)))
    report(notes, validation, warnings)
    return obj


_ODD_NUMBER = re.compile(rb"\d(?:[.eE]|\d{18})")


def _with_plain_numbers(obj: Object) -> Object:
    return {name: plain_numbers(part) for name, part in obj.items()}


def plain_numbers(value: Any) -> Any:
    """Numbers as Go gives them back: whole ones without a fraction, integers beyond 64 bits as floating point."""
    kind = type(value)
    if kind is dict:
        return {name: plain_numbers(part) for name, part in value.items()}
    if kind is list:
        return [plain_numbers(part) for part in value]
    if kind is float and value.is_integer() and abs(value) < 1 << 63:
        return int(value)
    return float(value) if kind is int and not -(1 << 63) <= value < 1 << 63 else value


def _check_named(obj: Object, body: bytes) -> None:
    """What a custom resource's body must say. Raises BadRequest."""
    version = obj.get("apiVersion") or ""
    if not obj.get("kind"):
        raise BadRequest(f"Object 'Kind' is missing in '{body.decode(errors='replace')}'")
    if version.count("/") > 1:
        raise BadRequest(f"unexpected GroupVersion string: {version}")


def _check_custom(obj: Object, api_version: str, kind: str) -> None:
    """A custom resource's body must be of the kind of the URL. Raises BadRequest, Invalid."""
    version, given = obj.get("apiVersion") or "", obj["kind"]
    if version != api_version:
        raise BadRequest(
            f"the API version in the data ({version}) does not match the expected API version ({api_version})"
        )
    if given != kind:
        metadata = obj.get("metadata")
        name = str(metadata.get("name") or "") if isinstance(metadata, dict) else ""
        problem = fieldpath.invalid(Path("kind"), given, f"must be {kind}")
        raise Invalid.of(api_version.rpartition("/")[0], given, name, [problem])


def repeated(body: bytes, value: Any, content_type: str) -> list[str]:
    """What strict decoding says of keys that occur twice in one mapping."""
    kind = media_type(content_type)
    if kind in ("", "application/json"):
        return strictjson.messages((), strictjson.duplicates(body, value))
    if kind == "application/yaml":
        from kajitori.apiserver.serving import yamlbody

        lines = yamlbody.duplicates(body)
        return [YAML_NOTE + "".join("\n  " + line for line in lines)] if lines else []
    return []


def _in_order(repeats: list[str], unknown: list[str], body: bytes, content_type: str, schema: Schema) -> list[str]:
    """The faults of a body as upstream tells them, which decodes a built-in kind's JSON in one go."""
    built_in = getattr(schema, "checker", None) is None
    if media_type(content_type) == "application/yaml":
        return repeats + (strictjson.in_key_order(unknown) if built_in else unknown)
    return strictjson.faults(body, schema) if repeats and built_in else repeats + unknown


def _unrecognized(kind: str, why: str, body: bytes) -> str:
    """Upstream's sentence around what cannot be read as any object, with the beginning of it."""
    text = body.decode(errors="replace")[:_SUMMARY] if body[:1] == b"{" else body[:_SUMMARY].hex()
    shown = text + " ..." if len(body) > _SUMMARY else text or "<empty>"
    return f"the object provided is unrecognized (must be of type {kind}): {why} ({shown})"


def _check_words(obj: Object) -> None:
    for name in ("apiVersion", "kind"):
        if not isinstance(obj.get(name), str | None):
            given = json_type(obj[name])
            raise BadRequest(f"{NO_KIND}: json: cannot unmarshal {given} into Go struct field .{name} of type string")


def check_patched_kind(obj: Object, api_version: str, kind: str) -> None:
    """A patch leaves a custom resource of its kind. Raises BadRequest, Invalid."""
    _check_words(obj)
    version, given = obj.get("apiVersion") or "", obj.get("kind") or ""
    if not given:
        body = orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode()
        why = f"Object 'Kind' is missing in '{body}'"
        raise Invalid.of("", "", "", [fieldpath.invalid(Path("patch"), body, why)])
    problems = [
        fieldpath.invalid(Path(name), found, f"must be {wanted}")
        for name, found, wanted in (("kind", given, kind), ("apiVersion", version, api_version))
        if found != wanted
    ]
    if problems:
        metadata = obj.get("metadata")
        name = str(metadata.get("name") or "") if isinstance(metadata, dict) else ""
        raise Invalid.of(api_version.rpartition("/")[0], given, name, problems)


def check_kind(obj: Object, api_version: str, kind: str) -> None:
    """The body's apiVersion and kind must be those of the URL (or absent)."""
    _check_words(obj)
    given_version, given_kind = obj.get("apiVersion") or api_version, obj.get("kind") or kind
    if (given_version, given_kind) != (api_version, kind):
        group, _, version = given_version.rpartition("/")
        shown = f"{group}/{version}, Kind={given_kind}"
        group, _, version = api_version.rpartition("/")
        expected = f"{group}/{version}, Kind={kind}"
        raise BadRequest(
            f"the object provided is unrecognized (must be of type {kind}): {shown} is not {expected}"
            if given_kind == kind
            else f'{given_kind} in version "{given_version}" cannot be handled as a {kind}: '
            f"converting ({shown}) to ({expected}): unknown conversion"
        )


def report(notes: list[str], validation: str, warnings: list[str]) -> None:
    """Refuse, tell or ignore what did not fit."""
    if not notes or validation == "Ignore":
        return
    if validation == "Strict":
        raise BadRequest(strictjson.strict_error(notes))
    for note in notes:
        head, *lines = note.split("\n")
        warnings.extend([line.strip() for line in lines] if head == YAML_NOTE else [note])


def fit(obj: Object, schema: Schema, api_version: str, kind: str) -> list[str]:
    """Drop unknown fields and nulls in place; returns notes about unknown ones. Raises BadRequest for wrong types."""
    obj["kind"], obj["apiVersion"] = kind, api_version
    group, _, version = api_version.rpartition("/")
    unknown = checking.check(group, version, kind, schema, obj)
    if obj.get("metadata") is None:
        obj["metadata"] = {}
    if unknown and hasattr(schema, "checker"):  # a custom resource's metadata is told first, the rest by its path
        unknown.sort(key=lambda path: (not path.startswith("metadata."), path))
    return strictjson.messages(unknown, ()) if unknown else []


def json_type(value: Any) -> str:
    """What Go calls the type of a JSON value."""
    return {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}.get(
        type(value), "null"
    )
