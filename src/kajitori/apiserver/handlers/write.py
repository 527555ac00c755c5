"""create, update and patch: from a request body to an ObjectStore call. May import: handlers.call, objects, serving."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

import orjson

from kajitori.api.registration import Resource
from kajitori.apiserver.handlers.call import APPLY_PATCH, Call
from kajitori.apiserver.objects.metadata import metadata_of, refuse_another_uid, stated
from kajitori.apiserver.objects.options import WriteOptions, Written
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.serving.decoding import (
    Malformed,
    check_kind,
    check_patched_kind,
    decode_object,
    fit,
    json_type,
    media_type,
    parse_json,
    parse_yaml,
    plain_numbers,
    repeated,
    report,
)
from kajitori.machinery import fieldpath, gotext, strictjson
from kajitori.machinery.errors import BadRequest, Invalid, RequestEntityTooLarge, StatusError, UnsupportedMediaType
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.managedfields.typed import faults
from kajitori.machinery.patch import PatchFormatError

Object = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
CUSTOM_PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)
CREATE_ON_UPDATE = frozenset(
    {
        "leases.coordination.k8s.io",
        "events",
        "events.events.k8s.io",
        "endpoints",
        "limitranges",
        "priorityclasses.scheduling.k8s.io",
        "services",
        "clusterroles.rbac.authorization.k8s.io",
        "clusterrolebindings.rbac.authorization.k8s.io",
        "roles.rbac.authorization.k8s.io",
        "rolebindings.rbac.authorization.k8s.io",
        "runtimeclasses.node.k8s.io",
    }
)
"""Resources whose PUT creates what is not there (AllowCreateOnUpdate upstream)."""


NO_UNCONDITIONAL_UPDATE = frozenset(
    {
        "apiservices.apiregistration.k8s.io",
        "csidrivers.storage.k8s.io",
        "csinodes.storage.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
        "leases.coordination.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "poddisruptionbudgets.policy",
        "runtimeclasses.node.k8s.io",
        "validatingadmissionpolicies.admissionregistration.k8s.io",
        "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "volumeattachments.storage.k8s.io",
    }
)
"""Resources whose PUT must say which version it replaces, as that of every custom resource."""


class Writing:
    """The writing verbs over an ObjectStore."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def create(self, call: Call) -> Written:
        """POST to a collection."""
        options = call.write_options()
        resource = call.resource
        body = await call.body()
        obj = decode_object(resource, body, call.content_type, options.field_validation, call.warnings)
        return await self._objects.create(resource, call.info.namespace, obj, options)

    async def update(self, call: Call) -> Written:
        """PUT of an object, or of its status."""
        options = call.write_options()
        resource, info = call.resource, call.info
        body = await call.body()
        new = decode_object(resource, body, call.content_type, options.field_validation, call.warnings)
        _check_name(metadata_of(new).get("name"), info.name)
        encoded: list[bytes] = []

        conditional = _is_conditional(resource)

        def replace(current: Object) -> Object:
            if (
                conditional
                and current["metadata"].get("uid")
                and not new["metadata"].get("resourceVersion", "").strip("0")
            ):
                at = Path("metadata", "resourceVersion")
                problem = fieldpath.invalid(at, 0, "must be specified for an update")
                raise Invalid.of(resource.group, resource.plural, info.name, [problem])
            if encoded:  # another try: the first may have changed the object
                fresh: Object = orjson.loads(encoded[0])
                return fresh
            encoded.append(orjson.dumps(new))
            return new

        return await self._objects.update(
            resource,
            info.namespace,
            info.name,
            replace,
            options,
            subresource=info.subresource,
            create_missing=not info.subresource and resource.group_resource in CREATE_ON_UPDATE,
        )

    async def patch(self, call: Call) -> Written:
        """PATCH of an object, or of its status."""
        options = call.write_options()
        body = await call.body()
        kind = media_type(call.content_type)
        if kind == APPLY_PATCH:
            return await self._apply(call, body, options)
        change = self._change(call, kind, body, options)
        info = call.info
        return await self._objects.update(
            call.resource, info.namespace, info.name, change, options, subresource=info.subresource
        )

    def _change(self, call: Call, kind: str, body: bytes, options: WriteOptions) -> Callable[[Object], Object]:
        """How this patch makes the new object from the current one."""
        resource = call.resource
        if resource.custom and kind not in CUSTOM_PATCH_TYPES:  # there is no Go type to take the strategy from
            raise UnsupportedMediaType.of(CUSTOM_PATCH_TYPES)
        apply = patcher(kind, body, resource.schema)
        conditional = _is_conditional(resource)
        given = patch_notes(kind, body) if options.field_validation != "Ignore" else []

        def refusal(patched: Object, why: str) -> Invalid:
            shown = gotext.plus_v(orjson.loads(body)) if kind == STRATEGIC_PATCH else dumped(patched)
            if kind == STRATEGIC_PATCH:
                why = _unrestored(why)
            return Invalid.of("", "", "", [fieldpath.invalid(Path("patch"), shown, why)])

        def change(current: Object) -> Object:
            patched = apply(current)
            if kind == STRATEGIC_PATCH:  # made into the kind's type, whatever it says it is
                patched["apiVersion"], patched["kind"] = resource.group_version, resource.kind
            if resource.custom:
                patched = plain_numbers(patched)
            if not isinstance(patched, dict):
                raise BadRequest("the patch does not result in an object")
            if resource.custom:
                check_patched_kind(patched, resource.group_version, resource.kind)
            else:
                check_kind(patched, resource.group_version, resource.kind)
            try:
                unknown = fit(patched, resource.schema, resource.group_version, resource.kind)
            except BadRequest as wrong:  # no such object can be: the patch is to blame
                why = wrong.message.partition(f" cannot be handled as a {resource.kind}: ")[2] or wrong.message
                raise refusal(patched, why) from wrong
            notes = given + (unknown if resource.custom else strictjson.in_key_order(unknown))
            if notes and options.field_validation == "Strict":
                raise refusal(patched, strictjson.strict_error(notes))
            report(notes, options.field_validation, options.warnings)
            _check_name(metadata_of(patched).get("name"), call.info.name)
            refuse_another_uid(resource, patched, current)
            if conditional:
                _require_version(resource, patched, call.info.name)
            return patched

        return change

    async def _apply(self, call: Call, body: bytes, options: WriteOptions) -> Written:
        """Server-side apply."""
        require_manager(call)
        resource, info = call.resource, call.info
        applied, content_type = _configuration(body)
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
        return await self._objects.apply(
            resource, info.namespace, info.name, applied, options, subresource=info.subresource
        )


def _is_conditional(resource: Resource) -> bool:
    return resource.custom or resource.group_resource in NO_UNCONDITIONAL_UPDATE


def _require_version(resource: Resource, obj: Object, name: str) -> None:
    """What replaces such an object says which version it replaces. Raises Invalid, StatusError."""
    version = metadata_of(obj).get("resourceVersion")
    if not version or not stated(version):
        problem = fieldpath.invalid(Path("metadata", "resourceVersion"), 0, "must be specified for an update")
        raise Invalid.of(resource.group, resource.plural, name, [problem])


def _check_name(given: str | None, name: str) -> None:
    """An object bears the name of the URL. Raises BadRequest."""
    if not given:
        why = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise BadRequest(why)
    if given != name:
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({name})")


def _check_identity(applied: Object, resource: Resource) -> None:
    """An applied configuration says of which kind it is. Raises BadRequest."""
    version, kind = (word if isinstance(word, str) else "" for word in (applied.get("apiVersion"), applied.get("kind")))
    if (version, kind) != (resource.group_version, resource.kind):
        shown = f"{version or '/'}, Kind={kind}"
        raise BadRequest(f"invalid object type: {shown}")


def _configuration(body: bytes) -> tuple[Object, str]:
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


def require_manager(call: Call) -> None:
    """An applier must say who it is. Raises Invalid."""
    if not call.http.query.get("fieldManager"):
        problem = fieldpath.required(Path("fieldManager"), "is required for apply patch")
        raise Invalid.of("meta.k8s.io", "PatchOptions", "", [problem])


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


def dumped(obj: Object) -> str:
    """An object as it stands in a message."""
    return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode()


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


_TYPE_ERROR = re.compile(r"json: cannot unmarshal (\w+).* of type (.+)")
_KINDS = {"object": "map", "array": "slice", "number": "int64"}


def _unrestored(why: str) -> str:
    """A type error as upstream tells it of what a strategic merge patch has left, which it restores from maps."""
    found = _TYPE_ERROR.match(why)
    if found is None:
        return why
    given, wanted = _KINDS.get(found[1], found[1]), found[2]
    if wanted.startswith("[]"):
        return f"cannot restore slice from {given}"
    if wanted.startswith("map["):
        return f"cannot restore map from {given}"
    return f"cannot restore struct from: {given}" if "." in wanted else f"unrecognized type: {wanted}"


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
