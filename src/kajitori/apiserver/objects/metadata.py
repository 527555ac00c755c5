"""What the server itself writes into metadata, and what it lets a client change there. Pure but for time and uid.

May import: api.registration, machinery.
"""

import random
from datetime import datetime
from typing import Any

from kajitori.api.registration import Resource
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, Conflict, Invalid, StatusError
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.gotext import quote
from kajitori.machinery.times import format_time
from kajitori.machinery.uuids import new_uuid

Object = dict[str, Any]
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_MAX_BASE = 58
_NOTHING_WHEN_EMPTY = ("labels", "annotations", "finalizers", "ownerReferences")
_REFUSED = frozenset({"deletionTimestamp", "deletionGracePeriodSeconds"})
"""Left where a client sets them, for validation to say that they cannot be."""
_SERVER_OWNED = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "uid", "selfLink")


def metadata_of(obj: Object) -> Object:
    """The object's metadata, made when it is missing."""
    metadata = obj.get("metadata")
    if metadata is None:
        metadata = obj["metadata"] = {}
    return metadata


def settle_namespace(resource: Resource, obj: Object, namespace: str) -> None:
    """The object's namespace is the URL's; what is empty in its metadata is not there."""
    metadata = metadata_of(obj)
    for name in _NOTHING_WHEN_EMPTY:
        if name in metadata and not metadata[name]:
            del metadata[name]
    given = metadata.get("namespace") or ""
    if not resource.namespaced:
        metadata.pop("namespace", None)
        return
    if given and given != namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    metadata["namespace"] = namespace


def settle_new(resource: Resource, obj: Object, namespace: str, *, dry_run: bool = False) -> None:
    """Metadata of an object about to be created as admission sees it: nothing yet of what the server owns."""
    settle_namespace(resource, obj, namespace)
    metadata = obj["metadata"]
    _take_version(metadata, dry_run=dry_run)
    for name in _SERVER_OWNED:
        metadata.pop(name, None)


def prepare_new(resource: Resource, obj: Object, namespace: str, now: datetime, *, dry_run: bool = False) -> None:
    """What the server owns, in the metadata of an object that admission has let in."""
    settle_namespace(resource, obj, namespace)
    metadata = obj["metadata"]
    _take_version(metadata, dry_run=dry_run)
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        metadata.pop(name, None)
    metadata["uid"] = new_uuid()
    metadata["creationTimestamp"] = format_time(now)


def _take_version(metadata: Object, *, dry_run: bool) -> None:
    """What is new has none; it is the store that minds, so a dry run does not. Raises StatusError."""
    if metadata.pop("resourceVersion", None) not in (None, "", "0") and not dry_run:
        raise StatusError("resourceVersion should not be set on objects to be created", code=500)


def generate_name(metadata: Object, rng: random.Random) -> bool:
    """Fill in `name` from `generateName`; False when there was nothing to generate."""
    base = metadata.get("generateName")
    if metadata.get("name") or not base:
        return False
    metadata["name"] = base[:_MAX_BASE] + "".join(rng.choices(_SUFFIX, k=5))
    return True


def another_uid(resource: Resource, namespace: str, name: str, wanted: str, found: str) -> Conflict:
    """What a write gets that names a uid other than the stored object's, in the words of upstream's storage."""
    key = resource.storage_prefix + (f"{namespace}/{name}" if namespace else name)
    why = f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
    said = f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {why}"
    return Conflict.of(resource.group, resource.plural, name, said)


def settle_changed(resource: Resource, obj: Object, old: Object) -> None:
    """Metadata of an object about to replace `old`, as admission sees it. Raises Conflict on another uid."""
    settle_namespace(resource, obj, old["metadata"].get("namespace", ""))
    metadata, before = obj["metadata"], old["metadata"]
    name = metadata.setdefault("name", before["name"])
    if metadata.get("uid") and metadata["uid"] != before.get("uid"):
        raise another_uid(resource, metadata.get("namespace", ""), name, metadata["uid"], before.get("uid") or "")


def prepare_changed(resource: Resource, obj: Object, old: Object) -> None:
    """What the server owns stays as it was, whatever a client or admission made of it."""
    settle_namespace(resource, obj, old["metadata"].get("namespace", ""))
    metadata, before = obj["metadata"], old["metadata"]
    for field in _SERVER_OWNED:
        if field in before:
            metadata[field] = before[field]
        elif field not in _REFUSED:
            metadata.pop(field, None)
    if "generation" in before:
        metadata["generation"] = before["generation"]
    else:
        metadata.pop("generation", None)


COUNTED = frozenset(("ephemeralcontainers", "resize"))
"""Subresources besides the object itself through which clients change a spec."""


def count_change(obj: Object, old: Object) -> None:
    """A changed spec is another generation."""
    if obj.get("spec") != old.get("spec"):
        obj["metadata"]["generation"] = (old["metadata"].get("generation") or 1) + 1


def stated(version: str) -> int:
    """The resourceVersion that a client's object names, as a number; what is none is refused in upstream's words."""
    if version.isascii() and version.isdigit():
        if int(version) < 1 << 64:
            return int(version)
        raise BadRequest(f"strconv.ParseUint: parsing {quote(version)}: value out of range")
    raise BadRequest(f"strconv.ParseUint: parsing {quote(version)}: invalid syntax")


def refuse_another_uid(resource: Resource, obj: Object, old: Object) -> None:
    """A patch cannot change an object's uid. Raises Invalid."""
    given, found = obj["metadata"].get("uid"), old["metadata"].get("uid")
    if given and given != found:
        problem = fieldpath.immutable(Path("metadata", "uid"), given)
        raise Invalid.of(resource.group, resource.kind, old["metadata"].get("name", ""), [problem, problem])


def check_version(resource: Resource, obj: Object, current: int) -> None:
    """An update that names a resourceVersion is for that one only. Raises Conflict."""
    given = obj["metadata"].get("resourceVersion")
    if given:
        stated(given)
    if given and given not in ("0", str(current)):
        raise Conflict.modified(resource.group, resource.plural, obj["metadata"].get("name", ""))


_DUPLICATE_OWNERS = (
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may "
    "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}"
)


def unique_owners(obj: Object, warnings: list[str]) -> None:
    """Owner references that occur again are dropped, with a warning."""
    owners = obj["metadata"].get("ownerReferences")
    if not owners or len(owners) < 2:
        return
    kept: list[Object] = []
    again: list[str] = []
    for owner in owners:
        if owner not in kept:
            kept.append(owner)
        elif str(owner.get("uid")) not in again:
            again.append(str(owner.get("uid")))
    if again:
        obj["metadata"]["ownerReferences"] = kept
        warnings.append(_DUPLICATE_OWNERS.format(", ".join(again)))
