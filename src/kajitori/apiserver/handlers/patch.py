"""PATCH by a JSON, merge or strategic merge patch: the patched object is checked as one that was sent whole.

May import: handlers.{call,identity}, objects, serving.
"""

import re
from typing import Any

import orjson

from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.handlers.identity import check_name, needs_version, require_version
from kajitori.apiserver.objects.metadata import metadata_of, refuse_another_uid
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.serving.decoding import check_kind, check_patched_kind, fit, plain_numbers, report
from kajitori.apiserver.serving.patches import CUSTOM_PATCH_TYPES, STRATEGIC_PATCH, patch_notes, patcher
from kajitori.machinery import fieldpath, gotext, strictjson
from kajitori.machinery.errors import BadRequest, Invalid, UnsupportedMediaType
from kajitori.machinery.fieldpath import Path

Object = dict[str, Any]


class Patch:
    """One request's patch. Called with the current object, it gives what the object is to become."""

    def __init__(self, call: Call, kind: str, body: bytes, options: WriteOptions) -> None:
        """`kind` is the media type. Raises BadRequest, RequestEntityTooLarge or UnsupportedMediaType."""
        self._resource, self._name = call.resource, call.info.name
        if self._resource.custom and kind not in CUSTOM_PATCH_TYPES:
            raise UnsupportedMediaType.of(CUSTOM_PATCH_TYPES)
        self._apply = patcher(kind, body, self._resource.schema)
        self._body = body
        self._is_strategic = kind == STRATEGIC_PATCH
        self._options = options
        self._notes = patch_notes(kind, body) if options.field_validation != "Ignore" else []

    def __call__(self, current: Object) -> Object:
        """Raises BadRequest or Invalid."""
        patched = self._of_its_kind(self._apply(current))
        self._check_fields(patched)
        check_name(metadata_of(patched).get("name"), self._name)
        refuse_another_uid(self._resource, patched, current)
        if needs_version(self._resource):
            require_version(self._resource, patched, self._name)
        return patched

    def _of_its_kind(self, patched: Any) -> Object:
        resource = self._resource
        if self._is_strategic:  # made into the kind's type, whatever it says it is
            patched["apiVersion"], patched["kind"] = resource.group_version, resource.kind
        if resource.custom:
            patched = plain_numbers(patched)
        if not isinstance(patched, dict):
            raise BadRequest("the patch does not result in an object")
        check = check_patched_kind if resource.custom else check_kind
        check(patched, resource.group_version, resource.kind)
        return patched

    def _check_fields(self, patched: Object) -> None:
        """Drop what the kind has not, and say so as the request wants to hear it."""
        resource, validation = self._resource, self._options.field_validation
        try:
            unknown = fit(patched, resource.schema, resource.group_version, resource.kind)
        except BadRequest as wrong:  # no such object can be: the patch is to blame
            why = wrong.message.partition(f" cannot be handled as a {resource.kind}: ")[2] or wrong.message
            raise self._refusal(patched, why) from wrong
        notes = self._notes + (unknown if resource.custom else strictjson.in_key_order(unknown))
        if notes and validation == "Strict":
            raise self._refusal(patched, strictjson.strict_error(notes))
        report(notes, validation, self._options.warnings)

    def _refusal(self, patched: Object, why: str) -> Invalid:
        shown = _dumped(patched)
        if self._is_strategic:
            shown, why = gotext.plus_v(orjson.loads(self._body)), _unrestored(why)
        return Invalid.of("", "", "", [fieldpath.invalid(Path("patch"), shown, why)])


def _dumped(obj: Object) -> str:
    """An object as it stands in a message."""
    return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode()


_TYPE_ERROR = re.compile(r"json: cannot unmarshal (\w+).* of type (.+)")
_KINDS = {"object": "map", "array": "slice", "number": "int64"}


def _unrestored(why: str) -> str:
    """A type error as upstream tells it of what a strategic merge patch has left, which it restores from maps."""
    found = _TYPE_ERROR.match(why)
    if found is None:
        return f"error decoding from json: {why}" if why.startswith("illegal base64 data") else why
    given, wanted = _KINDS.get(found[1], found[1]), found[2]
    if wanted.startswith("[]"):
        return f"cannot restore slice from {given}"
    if wanted.startswith("map["):
        return f"cannot restore map from {given}"
    return f"cannot restore struct from: {given}" if "." in wanted else f"unrecognized type: {wanted}"
