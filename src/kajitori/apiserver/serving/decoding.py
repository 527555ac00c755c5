"""Request bodies: JSON or YAML to a wire dict that fits its schema.

Unknown fields and nulls are dropped; unknown and duplicate fields are warned of or refused as `fieldValidation` says;
a wrong type is a BadRequest in the words of upstream's decoder. May import: machinery, orjson; PyYAML when asked for.
"""

from typing import Any

import orjson

from kajitori.api import checking
from kajitori.api.scheme import Resource
from kajitori.machinery import strictjson
from kajitori.machinery.errors import BadRequest, UnsupportedMediaType
from kajitori.machinery.typeschema import Schema

Object = dict[str, Any]
PROTOBUF = "application/vnd.kubernetes.protobuf"
MEDIA_TYPES = ("application/json", "application/yaml", PROTOBUF)


def media_type(header: str) -> str:
    """The media type of a Content-Type header, without parameters."""
    return header.partition(";")[0].strip().lower()


def parse_body(body: bytes, content_type: str) -> Any:
    """The value in a body; an empty type reads as JSON, as upstream."""
    kind = media_type(content_type)
    if kind in ("", "application/json"):
        return parse_json(body)
    if kind == "application/yaml":
        return parse_yaml(body)
    if kind == PROTOBUF:
        from kajitori.apiserver.protobuf.decode import decode as parse_protobuf

        return parse_protobuf(body)
    raise UnsupportedMediaType.of(MEDIA_TYPES)


def parse_json(body: bytes) -> Any:
    """JSON; raises BadRequest."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"error decoding JSON: {error}") from error


def parse_yaml(body: bytes) -> Any:
    """One YAML document of JSON's types; raises BadRequest."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        value = yaml.load(body, loader)
        return orjson.loads(orjson.dumps(value))  # dates become strings, odd keys are refused
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        raise BadRequest(f"error decoding YAML: {error}") from error


def decode_object(resource: Resource, body: bytes, content_type: str, validation: str, warnings: list[str]) -> Object:
    """A body that must hold one object of the resource's kind."""
    return decode_as(resource.schema, resource.group_version, resource.kind, body, content_type, validation, warnings)


def decode_as(
    schema: Schema, api_version: str, kind: str, body: bytes, content_type: str, validation: str, warnings: list[str]
) -> Object:
    """A body that must hold one object of a given kind."""
    obj = parse_body(body, content_type)
    if not isinstance(obj, dict):
        target = (
            'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
        )
        raise BadRequest(
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{_json_type(obj)} into Go value of type {target}"
        )
    check_kind(obj, api_version, kind)
    notes: list[str] = []
    if validation != "Ignore" and media_type(content_type) in ("", "application/json"):
        notes = strictjson.messages((), strictjson.duplicates(body, obj))
    notes += fit(obj, schema, api_version, kind)
    report(notes, validation, warnings)
    return obj


def check_kind(obj: Object, api_version: str, kind: str) -> None:
    """The body's apiVersion and kind must be those of the URL (or absent)."""
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
        raise BadRequest("strict decoding error: " + ", ".join(notes))
    warnings.extend(notes)


def fit(obj: Object, schema: Schema, api_version: str, kind: str) -> list[str]:
    """Drop unknown fields and nulls in place; returns notes about unknown ones. Raises BadRequest for wrong types."""
    obj["kind"], obj["apiVersion"] = kind, api_version
    group, _, version = api_version.rpartition("/")
    unknown = checking.check(group, version, kind, schema, obj)
    if obj.get("metadata") is None:
        obj["metadata"] = {}
    return strictjson.messages(unknown, ()) if unknown else []


def _json_type(value: Any) -> str:
    return {list: "array", str: "string", bool: "bool", int: "number", float: "number"}.get(type(value), "null")
