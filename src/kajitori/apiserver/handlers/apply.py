"""Server-side apply's body: the configuration, what it must say, and the words for what its schema does not know.

May import: handlers.call, serving, machinery.managedfields.
"""

import contextlib
from typing import Any

from kajitori.api.registration import Resource
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.serving.decoding import Malformed, fit, json_type, parse_json, parse_yaml, repeated, report
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, Invalid, StatusError
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.managedfields.typed import faults

Object = dict[str, Any]


def configuration(call: Call, body: bytes, options: WriteOptions) -> Object:
    """What the applier wants, checked and of its kind's shape. Raises BadRequest, Invalid or StatusError."""
    require_manager(call)
    resource = call.resource
    applied, content_type = _read(body)
    if options.field_validation != "Ignore":
        notes = repeated(body, applied, content_type)
        if notes and options.field_validation == "Strict":
            raise BadRequest(f"error strict decoding YAML: error converting YAML to JSON: {', '.join(notes)}")
        report(notes, options.field_validation, options.warnings)
    _check_identity(applied, resource)
    metadata = applied.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
        raise BadRequest("metadata.managedFields must be nil")
    if wrong := faults(resource.schema, applied):
        raise StatusError(_untyped(resource, applied, wrong))
    fit(applied, resource.schema, resource.group_version, resource.kind)
    return applied


def require_manager(call: Call) -> None:
    """An applier must say who it is. Raises Invalid."""
    if not call.http.query.get("fieldManager"):
        problem = fieldpath.required(Path("fieldManager"), "is required for apply patch")
        raise Invalid.of("meta.k8s.io", "PatchOptions", "", [problem])


def _read(body: bytes) -> tuple[Object, str]:
    """YAML and its content type; what looks like JSON is tried as that first, which is faster. Raises BadRequest."""
    if body.lstrip()[:1] == b"{":
        with contextlib.suppress(Malformed):
            return parse_json(body), "application/json"
    try:
        applied = parse_yaml(body)
    except BadRequest as error:
        raise BadRequest(f"error decoding YAML: error converting YAML to JSON: {error.message}") from error
    if applied is None:
        applied = {}
    if not isinstance(applied, dict):
        wrong = f"json: cannot unmarshal {json_type(applied)} into Go value of type map[string]interface {{}}"
        raise BadRequest(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {wrong}")
    return applied, "application/yaml"


def _check_identity(applied: Object, resource: Resource) -> None:
    """An applied configuration says of which kind it is. Raises BadRequest."""
    version, kind = (word if isinstance(word, str) else "" for word in (applied.get("apiVersion"), applied.get("kind")))
    if (version, kind) != (resource.group_version, resource.kind):
        shown = f"{version or '/'}, Kind={kind}"
        raise BadRequest(f"invalid object type: {shown}")


def _untyped(resource: Resource, applied: Object, wrong: list[str]) -> str:
    """What an applied configuration has and its schema has not, or has twice: never dropped in silence.

    Upstream answers 500 with these words, without a reason.
    """
    metadata = applied.get("metadata")
    given = metadata if isinstance(metadata, dict) else {}
    name = f"{given.get('namespace') or ''}/{given.get('name') or ''}"
    subject = f"{name}; {resource.group_version}, Kind={resource.kind}"
    listed = wrong[0] if len(wrong) == 1 else "errors:\n  " + "\n  ".join(wrong)
    return f"failed to create typed patch object ({subject}): {listed}"
