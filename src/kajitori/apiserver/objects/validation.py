"""Validation of metadata, the same for every kind, in upstream's words. May import: api, machinery."""

from collections.abc import Callable
from typing import Any

from kajitori.api.networking.addresses import address_problems
from kajitori.api.registration import Resource
from kajitori.machinery import fieldpath, names
from kajitori.machinery.fieldpath import FieldError, Path

Object = dict[str, Any]
NameCheck = Callable[[str], list[str]]
MAX_ANNOTATIONS = 256 * 1024


def _path_segment(name: str) -> list[str]:
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{bad}'" for bad in ("/", "%") if bad in name]


_LABEL_NAMED = frozenset({"namespaces", "statefulsets.apps"})
_SERVICE = "services"
_ADDRESS = "ipaddresses.networking.k8s.io"
_LOOSELY_NAMED = frozenset({"events", "poddisruptionbudgets.policy"})
_PATH_NAMED = frozenset({"rbac.authorization.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io"})


def name_check(resource: Resource) -> NameCheck:
    """The rule for names of a resource."""
    if resource.group in _PATH_NAMED or resource.group_resource in _LOOSELY_NAMED:
        return _path_segment
    if resource.group_resource in _LABEL_NAMED:
        return names.is_dns1123_label
    if not resource.group and resource.plural == _SERVICE:
        return names.is_dns1035_label
    if resource.group_resource == _ADDRESS:
        return address_problems
    return names.is_dns1123_subdomain


def validate_metadata(resource: Resource, obj: Object, old: Object | None) -> list[FieldError]:
    """Everything that upstream's ObjectMeta validation refuses; a refused update tells it as often as upstream."""
    metadata = obj["metadata"]
    at = Path("metadata")
    if old is None:
        finalizers = _check_finalizers(metadata, at.child("finalizers"), strict=not _extension(resource))
        return _check_names(resource, metadata, at) + _check_marks(metadata, at) + finalizers
    again = [
        *_check_new_finalizers(metadata, old["metadata"], at.child("finalizers")),
        *_check_kept(metadata, old["metadata"], at),
        *_check_marks(metadata, at),
    ]
    finalizers = _check_finalizers(metadata, at.child("finalizers"), strict=not _extension(resource))
    return [*_check_marks(metadata, at), *finalizers, *again, *again]


_KEPT = ("name", "deletionTimestamp", "deletionGracePeriodSeconds")


def _check_kept(metadata: Object, before: Object, at: Path) -> list[FieldError]:
    """What an update does not change."""
    return [
        fieldpath.immutable(at.child(name), metadata.get(name))
        for name in _KEPT
        if metadata.get(name) != before.get(name)
    ]


def _check_marks(metadata: Object, at: Path) -> list[FieldError]:
    """Labels, annotations and owners."""
    errors: list[FieldError] = []
    if metadata.get("labels"):
        errors += _check_labels(metadata["labels"], at.child("labels"))
    if metadata.get("annotations"):
        errors += _check_annotations(metadata["annotations"], at.child("annotations"))
    if metadata.get("ownerReferences"):
        errors += _check_owners(metadata["ownerReferences"], at.child("ownerReferences"))
    return errors


def _check_names(resource: Resource, metadata: Object, at: Path) -> list[FieldError]:
    errors: list[FieldError] = []
    check = name_check(resource)
    base, name = metadata.get("generateName"), metadata.get("name")
    if base:
        trial = base[:-1] + "a" if base.endswith("-") else base
        errors += [fieldpath.invalid(at.child("generateName"), base, why) for why in check(trial)]
    if not name:
        errors.append(fieldpath.required(at.child("name"), "name or generateName is required"))
    else:
        errors += [fieldpath.invalid(at.child("name"), name, why) for why in check(name)]
    if resource.namespaced:
        space = metadata.get("namespace") or ""
        if not space:
            errors.append(fieldpath.required(at.child("namespace"), ""))
        else:
            errors += [fieldpath.invalid(at.child("namespace"), space, why) for why in names.is_dns1123_label(space)]
    return errors


_MAX_KNOWN = 10_000
_known_keys: set[str] = set()
_known_values: set[str] = set()


def _remember(known: set[str], text: str) -> None:
    """Clusters use the same few label keys and values again and again: what was good once is looked up."""
    if len(known) >= _MAX_KNOWN:
        known.clear()
    known.add(text)


def _key_faults(key: str) -> list[str]:
    if key in _known_keys:
        return []
    faults = names.is_qualified_name(key)
    if not faults:
        _remember(_known_keys, key)
    return faults


def _value_faults(value: str) -> list[str]:
    if value in _known_values:
        return []
    faults = names.is_label_value(value)
    if not faults:
        _remember(_known_values, value)
    return faults


def _check_labels(labels: Object, at: Path) -> list[FieldError]:
    errors: list[FieldError] = []
    for key, value in labels.items():
        errors += [fieldpath.invalid(at, key, why) for why in _key_faults(key)]
        errors += [fieldpath.invalid(at, value, why) for why in _value_faults(value)]
    return errors


def _check_annotations(annotations: Object, at: Path) -> list[FieldError]:
    errors: list[FieldError] = []
    size = 0
    for key, value in annotations.items():
        errors += [fieldpath.invalid(at, key, why) for why in _key_faults(key.lower())]
        size += len(key.encode()) + len(value.encode())
    if size > MAX_ANNOTATIONS:
        errors.append(fieldpath.too_long(at, "", MAX_ANNOTATIONS))
    return errors


ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_STANDARD_FINALIZERS = frozenset({ORPHAN, FOREGROUND, "kubernetes"})


def _extension(resource: Resource) -> bool:
    """Custom resources and what defines them: their finalizers may be plain names, of which clients are warned."""
    return resource.custom or resource.group in ("apiextensions.k8s.io", "apiregistration.k8s.io")


def finalizer_warnings(obj: Object, old: Object | None) -> list[str]:
    """What a client hears about new finalizers of custom resources that are plain names."""
    known = ((old or {}).get("metadata") or {}).get("finalizers") or ()
    return [
        f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name '
        f"{'including a path (/) ' if '.' in name else ''}to avoid accidental conflicts with other finalizer writers"
        for name in (obj.get("metadata") or {}).get("finalizers") or ()
        if name not in known and "/" not in name and name not in _STANDARD_FINALIZERS
    ]


def _check_finalizers(metadata: Object, at: Path, *, strict: bool) -> list[FieldError]:
    """The rules of every kind, which name no index, and then those of the kinds that upstream itself has."""
    finalizers = metadata.get("finalizers")
    if not finalizers:
        return []
    errors: list[FieldError] = []
    for finalizer in finalizers:
        errors += [fieldpath.invalid(at, finalizer, reason) for reason in names.is_qualified_name(finalizer)]
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        errors.append(fieldpath.invalid(at, finalizers, f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"))
    if strict:
        for index, finalizer in enumerate(finalizers):
            errors += [fieldpath.invalid(at.index(index), finalizer, why) for why in names.is_qualified_name(finalizer)]
            if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
                detail = "name is neither a standard finalizer name nor is it fully qualified"
                errors.append(fieldpath.invalid(at.index(index), finalizer, detail))
    return errors


def _check_new_finalizers(metadata: Object, before: Object, at: Path) -> list[FieldError]:
    """Nothing may hold an object anew that is going."""
    if not before.get("deletionTimestamp"):
        return []
    known = before.get("finalizers") or ()
    added = [name for name in metadata.get("finalizers") or () if name not in known]
    if not added:
        return []
    shown = "[]string{" + ", ".join(f'"{name}"' for name in added) + "}"
    detail = f"no new finalizers can be added if the object is being deleted, found new finalizers {shown}"
    return [fieldpath.forbidden(at, detail)]


def _check_owners(owners: list[Object], at: Path) -> list[FieldError]:
    errors: list[FieldError] = []
    controller = ""
    for owner in owners:
        version, kind = str(owner.get("apiVersion") or ""), str(owner.get("kind") or "")
        if not version or version.count("/") > 1 or version.endswith("/"):
            errors.append(fieldpath.invalid(at.child("apiVersion"), version, "version must not be empty"))
        for name in ("kind", "name", "uid"):
            if not owner.get(name):
                errors.append(fieldpath.invalid(at.child(name), "", "must not be empty"))
        if (version, kind) == ("v1", "Event"):
            errors.append(fieldpath.invalid(at, owner, "/v1, Kind=Event is disallowed from being an owner"))
        if owner.get("controller"):
            this = f"{kind}/{owner.get('name') or ''}"
            if controller:
                detail = (
                    'Only one reference can have Controller set to true. Found "true" in references for '
                    f"{controller} and {this}"
                )
                errors.append(fieldpath.invalid(at, owners, detail))
            else:
                controller = this
    return errors
