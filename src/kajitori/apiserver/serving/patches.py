"""What a PATCH body says, as a function from the current object to what becomes of it; apply patches stand elsewhere.

Mistakes are told in upstream's words: 400 for a body that is no patch, 413 for too long a one, 422 for one that does
not fit the object.

May import: serving.decoding, machinery.patch.
"""

from collections.abc import Callable
from typing import Any

from kajitori.apiserver.serving.decoding import Malformed, json_type, parse_json
from kajitori.machinery import strictjson
from kajitori.machinery.errors import BadRequest, RequestEntityTooLarge, StatusError, UnsupportedMediaType
from kajitori.machinery.patch import PatchFormatError

Object = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
CUSTOM_PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)
"""Those of custom resources: there is no Go type to take a strategy from."""


def patcher(kind: str, body: bytes, schema: Any) -> Callable[[Object], Any]:
    """The function of one patch. Raises BadRequest or UnsupportedMediaType."""
    if kind == JSON_PATCH:
        from kajitori.machinery.patch import json_patch

        operations = _operations(body)
        if len(operations) > json_patch.MAX_OPERATIONS:
            most = f"The allowed maximum operations in a JSON patch is {json_patch.MAX_OPERATIONS}"
            raise RequestEntityTooLarge.of(f"{most}, got {len(operations)}")
        return lambda current: _carefully(lambda: json_patch.apply(current, operations))
    if kind in (MERGE_PATCH, STRATEGIC_PATCH):
        patch = _merged(body, "error decoding patch: " if kind == MERGE_PATCH else "")
        if kind == MERGE_PATCH:
            from kajitori.machinery.patch import merge_patch

            return lambda current: merge_patch.apply(current, patch)
        from kajitori.machinery.patch import strategic

        return lambda current: _restored(lambda: strategic.apply(current, patch, schema))
    raise UnsupportedMediaType.of(PATCH_TYPES)


def _operations(body: bytes) -> list[Any]:
    """The operations of a JSON patch. Raises BadRequest."""
    prefix = "error decoding patch: "
    try:
        operations = parse_json(body)
    except Malformed as error:
        raise BadRequest(prefix + error.message) from error
    if operations is None:
        return []
    if not isinstance(operations, list):
        given = json_type(operations)
        raise BadRequest(f"{prefix}json: cannot unmarshal {given} into Go value of type []handlers.jsonPatchOp")
    for operation in operations:
        if not isinstance(operation, dict | None):
            given = json_type(operation)
            raise BadRequest(f"{prefix}json: cannot unmarshal {given} into Go value of type handlers.jsonPatchOp")
        for name in ("op", "path", "from"):
            if not isinstance((operation or {}).get(name), str | None):
                given = json_type((operation or {})[name])
                what = f"Go struct field jsonPatchOp.{name} of type string"
                raise BadRequest(f"{prefix}json: cannot unmarshal {given} into {what}")
    return operations


def _merged(body: bytes, prefix: str) -> Object:
    """The object that a merge patch is. Raises BadRequest."""
    try:
        patch = parse_json(body)
    except Malformed as error:
        raise BadRequest(prefix + error.message) from error
    if patch is None and not prefix:
        return {}
    if not isinstance(patch, dict):
        given = json_type(patch)
        raise BadRequest(f"{prefix}json: cannot unmarshal {given} into Go value of type map[string]interface {{}}")
    return patch


def _restored(act: Callable[[], Any]) -> Any:
    """A strategic merge patch that cannot be applied fails in its own words."""
    try:
        return act()
    except (PatchFormatError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadRequest(str(error)) from error


def _carefully(act: Callable[[], Any]) -> Any:
    """A patch that cannot be applied is the client's mistake: 422, as upstream answers."""
    try:
        return act()
    except StatusError:
        raise
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise StatusError(
            "the server rejected our request due to an error in our request",
            code=422,
            reason="Invalid",
            details={},
        ) from error


def patch_notes(kind: str, body: bytes) -> list[str]:
    """What strict decoding says of the patch itself."""
    decoded = parse_json(body)
    notes = strictjson.messages((), strictjson.duplicates(body, decoded))
    if kind != JSON_PATCH:
        return notes
    for index, operation in enumerate(decoded if isinstance(decoded, list) else ()):
        if isinstance(operation, dict):
            odd = sorted(operation.keys() - {"op", "path", "from", "value"})
            notes += strictjson.messages([f"[{index}].{name}" for name in odd], ())
    return [f"json patch {note}" for note in notes]
