"""One request to a resource, read once: options, format, selection. May import: http, serving, cache, objects."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from kajitori.aiokit.http.message import PartedResponse, Request, Response
from kajitori.api import schema as api_schema
from kajitori.api.registration import Resource, metadata_fields
from kajitori.apiserver.cache.selection import Selection
from kajitori.apiserver.objects.options import DeleteOptions, WriteOptions
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.serving import warnings
from kajitori.apiserver.serving.decoding import NO_KIND, TYPE_META, json_type, media_type, parse_body
from kajitori.apiserver.serving.negotiation import JSON, PROTOBUF, As, Format, negotiate
from kajitori.apiserver.serving.patches import APPLY_PATCH
from kajitori.apiserver.user import UserInfo
from kajitori.machinery import fieldpath, wirecheck
from kajitori.machinery.errors import BadRequest, Invalid
from kajitori.machinery.fieldpath import FieldError, Path
from kajitori.machinery.fieldselector import FieldRequirement, FieldSelector
from kajitori.machinery.gotext import quote
from kajitori.machinery.labels import Selector

_INTEGER = re.compile("[+-]?[0-9]+", re.ASCII)
MAX_BODY = 3 << 20
_VALIDATIONS = ("Ignore", "Strict", "Warn")
_POLICIES = ("Foreground", "Background", "Orphan")
_DELETE_OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
_SCHEME = 'scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"'


@dataclass(slots=True)
class Call:
    """A request to a resource and what its query says."""

    http: Request
    info: RequestInfo
    resource: Resource
    user: UserInfo
    warnings: list[str] = field(default_factory=list)
    _format: Format | None = None

    @property
    def format(self) -> Format:
        """The representation the client wants. Raises NotAcceptable."""
        if self._format is None:
            self._format = self._negotiated()
        return self._format

    def _negotiated(self) -> Format:
        accept = self.http.headers.get("accept")
        if not accept or accept == "application/json":
            return JSON
        if PROTOBUF not in accept:
            return negotiate(accept)
        return negotiate(accept, _shapes_in_protobuf(self.resource))

    def check_format(self) -> None:
        """Raises NotAcceptable."""
        _ = self.format

    async def body(self) -> bytes:
        """The request body, at most 3 MiB."""
        return await self.http.read(MAX_BODY)

    @property
    def content_type(self) -> str:
        """The body's media type with parameters."""
        return self.http.headers.get("content-type")

    def flag(self, name: str) -> bool | None:
        """A boolean parameter; None when absent. Whatever does not say no says yes, as upstream reads it."""
        query = self.http.query
        return query[name].lower() not in ("false", "0") if name in query else None

    def number(self, name: str) -> int | None:
        """An integer parameter; None when absent. Raises BadRequest."""
        query = self.http.query
        if name not in query:
            return None
        text = query[name]
        if not _INTEGER.fullmatch(text):
            raise BadRequest(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
        value = int(text)
        if not -(1 << 63) <= value < 1 << 63:
            raise BadRequest(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
        return value

    def selection(self) -> Selection:
        """The namespace and selectors of the request."""
        resource, query = self.resource, self.http.query
        labels, fields = query.get("labelSelector"), query.get("fieldSelector")
        if self.info.name and self.info.verb == "watch":  # the old path /watch/…/NAME
            fields = ",".join(filter(None, (fields, f"metadata.name={self.info.name}")))
        namespace = self.info.namespace if resource.namespaced else ""
        return Selection(
            resource,
            resource.key(namespace, "") if namespace else resource.storage_prefix,
            _labels(labels) if labels else None,
            _fields(resource, fields) if fields else None,
        )

    def write_options(self) -> WriteOptions:
        """CreateOptions, UpdateOptions or PatchOptions. Raises Invalid."""
        if not self.http.raw_query:
            return WriteOptions(self.user, field_manager=self._manager(""), warnings=self.warnings)
        query = self.http.query
        validation, manager = query.get("fieldValidation") or "Warn", query.get("fieldManager")
        errors: list[FieldError] = []
        if self.info.verb == "patch" and "force" in query and media_type(self.content_type) != APPLY_PATCH:
            errors.append(fieldpath.forbidden(Path("force"), "may not be specified for non-apply patch"))
        errors += _check_manager(manager) + _check_dry_run(query.getall("dryRun"))
        if validation not in _VALIDATIONS:
            errors.append(fieldpath.not_supported(Path("fieldValidation"), validation, ["", *_VALIDATIONS]))
        if errors:
            raise Invalid.of("meta.k8s.io", self._options_kind(), "", errors)
        return WriteOptions(
            self.user,
            dry_run="All" in query.getall("dryRun"),
            field_manager=self._manager(manager),
            field_validation=validation,
            force=bool(self.flag("force")),
            warnings=self.warnings,
            raw={name: query[name] for name in ("fieldManager", "fieldValidation") if query.get(name)},
        )

    def _options_kind(self) -> str:
        return {"create": "CreateOptions", "update": "UpdateOptions"}.get(self.info.verb, "PatchOptions")

    def _manager(self, given: str) -> str:
        return given or self.http.headers.get("user-agent", "unknown").partition("/")[0][:128]

    async def delete_options(self) -> tuple[DeleteOptions, WriteOptions]:
        """DeleteOptions from the body, or else from the query, which counts for nothing beside a body."""
        body = await self.body()
        raw = self._sent_delete_options(body) if body else self._asked_delete_options()
        delete_options = read_delete_options(raw)
        return delete_options, self._delete_write_options(raw)

    def _sent_delete_options(self, body: bytes) -> dict[str, Any]:
        parsed = parse_body(body, self.content_type)
        if not isinstance(parsed, dict | None):
            raise BadRequest(f"{NO_KIND}: json: cannot unmarshal {json_type(parsed)} into Go value of type {TYPE_META}")
        raw: dict[str, Any] = parsed or {}
        kind = raw.get("kind") or "DeleteOptions"
        if kind != "DeleteOptions":
            version = raw.get("apiVersion") or "v1"
            raise BadRequest(f"no kind {quote(str(kind))} is registered for version {quote(str(version))} in {_SCHEME}")
        wrong = wirecheck.type_error(api_schema.type_schema(_DELETE_OPTIONS), raw)
        if wrong:
            raise BadRequest(wrong)
        return raw

    def _asked_delete_options(self) -> dict[str, Any]:
        query = self.http.query
        raw: dict[str, Any] = {}
        if "gracePeriodSeconds" in query:
            raw["gracePeriodSeconds"] = self.number("gracePeriodSeconds")
        if "propagationPolicy" in query:
            raw["propagationPolicy"] = query["propagationPolicy"]
        if "orphanDependents" in query:
            raw["orphanDependents"] = self.flag("orphanDependents")
        if "dryRun" in query:
            raw["dryRun"] = query.getall("dryRun")
        return raw

    def _delete_write_options(self, raw: dict[str, Any]) -> WriteOptions:
        dry_run = raw.get("dryRun") or []
        errors = _check_dry_run(dry_run)
        if errors:
            raise Invalid.of("meta.k8s.io", "DeleteOptions", "", errors)
        return WriteOptions(
            self.user, dry_run="All" in dry_run, field_manager=self._manager(""), warnings=self.warnings, raw=raw
        )

    def respond(self, data: bytes, status: int = 200) -> Response:
        """An object's bytes as the answer, in protobuf if so asked, with the warnings gathered on the way."""
        if self.format.protobuf:
            from kajitori.apiserver.protobuf.encode import encode_json

            return self.respond_in_protobuf(encode_json(data), status)
        return Response(data + b"\n", status=status, headers=self._warnings())

    def respond_in_protobuf(self, body: bytes, status: int = 200) -> Response:
        """The same for what is in protobuf already."""
        return Response(body, status=status, content_type=PROTOBUF, headers=self._warnings())

    def respond_in_parts(self, parts: Sequence[bytes | memoryview]) -> Response:
        """The same for what is large and was not in one piece before."""
        return PartedResponse([*parts, b"\n"], headers=self._warnings())

    def _warnings(self) -> list[tuple[str, str]]:
        return warnings.headers(self.warnings) if self.warnings else []


def _check_dry_run(values: list[str]) -> list[FieldError]:
    if all(value == "All" for value in values):
        return []
    return [fieldpath.not_supported(Path("dryRun"), values, ["All"])]


def _check_manager(manager: str) -> list[FieldError]:
    at = Path("fieldManager")
    errors = [fieldpath.too_long(at, manager, 128)] if len(manager.encode()) > 128 else []
    for position, letter in enumerate(manager):
        if not letter.isprintable():
            errors.append(
                fieldpath.invalid(at, manager, f"invalid character U+{ord(letter):04X} (at position {position})")
            )
    return errors


def read_delete_options(raw: dict[str, Any]) -> DeleteOptions:
    """From the body (or query) of a delete; a negative grace period is 1 s, as upstream.

    Raises Invalid, BadRequest.
    """
    preconditions = raw.get("preconditions") or {}
    policy = raw.get("propagationPolicy")
    orphan = raw.get("orphanDependents")
    grace = raw.get("gracePeriodSeconds")
    errors = []
    if policy is not None and policy not in _POLICIES:
        allowed = [*_POLICIES, "nil"]
        errors.append(fieldpath.not_supported(Path("propagationPolicy"), policy, allowed))
    if policy is not None and orphan is not None:
        errors.append(
            fieldpath.invalid(
                Path("propagationPolicy"), policy, "orphanDependents and deletionPropagation cannot be both set"
            )
        )
    if errors:
        raise Invalid.of("meta.k8s.io", "DeleteOptions", "", errors)
    if grace is not None and grace < 0:
        grace = 1
    return DeleteOptions(
        grace_period_s=grace,
        propagation_policy=policy or "",
        orphan_dependents=orphan,
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        raw=raw,
    )


def _labels(text: str) -> Selector:
    try:
        return Selector.parse(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _shapes_in_protobuf(resource: Resource) -> frozenset[As]:
    """Metadata has messages for every kind; but what a webhook converts is watched as JSON."""
    from kajitori.apiserver.protobuf.messages import message_for

    if resource.converter is not None:
        return frozenset()
    if resource.custom or message_for(resource.group_version, resource.kind) is None:
        return frozenset((As.PARTIAL, As.PARTIAL_LIST))
    return frozenset((As.OBJECT, As.PARTIAL, As.PARTIAL_LIST))


_KNOWN_FIELDS: WeakKeyDictionary[Resource, frozenset[str]] = WeakKeyDictionary()
_OTHER_FIELDS = {"pods": {"spec.host": "spec.nodeName", "status.podIPs": "status.podIPs"}}
"""Fields by another name: one that clients of long ago say, and one that upstream knows of, though no Pod has it."""


def _fields(resource: Resource, text: str) -> FieldSelector:
    try:
        selector = FieldSelector.parse(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    known = _KNOWN_FIELDS.get(resource)
    if known is None:
        known = _KNOWN_FIELDS[resource] = _known_fields(resource)
    others = _OTHER_FIELDS.get(resource.group_resource)
    if others is not None and any(requirement.field in others for requirement in selector.requirements):
        renamed = [replace(one, field=others.get(one.field, one.field)) for one in selector.requirements]
        return FieldSelector(tuple(_checked(resource, known | others.keys(), one) for one in renamed))
    for requirement in selector.requirements:
        _checked(resource, known, requirement)
    return selector


def _checked(resource: Resource, known: Set[str], requirement: FieldRequirement) -> FieldRequirement:
    if requirement.field not in known:
        raise BadRequest(_unknown_field(resource, requirement.field))
    return requirement


def _known_fields(resource: Resource) -> frozenset[str]:
    """Kinds of the cluster that say which fields they have do not have a namespace."""
    found = frozenset(resource.selectable_fields({"metadata": {}}))
    says = resource.custom or len(found) > 2
    return found - {"metadata.namespace"} if says and not resource.namespaced else found


def _unknown_field(resource: Resource, name: str) -> str:
    if resource.selectable_fields is metadata_fields and not resource.custom:
        return f'{quote(name)} is not a known field selector: only "metadata.name", "metadata.namespace"'
    if resource.kind == "Job":
        return f"field label {quote(name)} not supported for Job"
    return f"field label not supported: {name}"


def dumps(value: Any) -> bytes:
    """JSON bytes."""
    return orjson.dumps(value)
