"""Validation of CustomResourceDefinitions, in upstream's words and order. May import: api.*, machinery."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from kajitori.api import checks
from kajitori.api.apiextensions import version as of_version
from kajitori.api.apiextensions.hub import Hub
from kajitori.machinery import names
from kajitori.machinery.fieldpath import (
    FieldError,
    Path,
    forbidden,
    immutable,
    invalid,
    not_supported,
    required,
)

Object = dict[str, Any]
Errors = list[FieldError]
_APPROVAL = "api-approved.kubernetes.io"
_APPROVAL_HINT = (
    f'protected groups must have approval annotation "{_APPROVAL}", see '
    "https://github.com/kubernetes/enhancements/pull/1111"
)


def validate(crd: Object) -> Errors:
    """Everything wrong with a new definition."""
    spec = crd.get("spec") or {}
    errors = _check_name(crd, spec) + _spec(spec, Path("spec"), None)
    return errors + _stored_versions(crd, spec) + _approval(crd, spec) + _preserve(spec)


def validate_update(crd: Object, old: Object) -> Errors:
    """Everything wrong with a changed definition."""
    spec, before, at = crd.get("spec") or {}, old.get("spec") or {}, Path("spec")
    errors = _spec(spec, at, before)
    if _is_established(old):
        errors += _ca_bundle(spec, before)
        for steps in (("scope",), ("names", "kind")):
            errors += _unchanged(spec, before, at, steps)
    for steps in (("group",), ("names", "plural")):
        errors += _unchanged(spec, before, at, steps)
    errors += status_errors(crd) + _stored_versions(crd, spec)
    if (old["metadata"].get("annotations") or {}).get(_APPROVAL) or not _is_established(old):
        errors += _approval(crd, spec)
    return errors if before.get("preserveUnknownFields") else errors + _preserve(spec)


def _preserve(spec: Object) -> Errors:
    if not spec.get("preserveUnknownFields"):
        return []
    message = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
    return [invalid(Path("spec", "preserveUnknownFields"), True, message)]


def status_errors(crd: Object) -> Errors:
    """Everything wrong with what the status says."""
    return _names((crd.get("status") or {}).get("acceptedNames") or {}, Path("status", "acceptedNames"))


def _ca_bundle(spec: Object, before: Object) -> Errors:
    """What an established definition says of a webhook's authorities can be read, unless it could not before."""
    given, known = (_dig(one, ("conversion", "webhook", "clientConfig", "caBundle")) or "" for one in (spec, before))
    if not given or _reads(given) or (known and not _reads(known)):
        return []
    at = Path("spec", "conversion", "webhookClientConfig", "caBundle")
    return [invalid(at, given, "unable to load root certificates: unable to parse bytes as PEM block")]


def _reads(bundle: str) -> bool:
    return b"-----BEGIN CERTIFICATE-----" in base64.b64decode(bundle)


def _dig(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _unchanged(spec: Object, before: Object, at: Path, steps: Sequence[str]) -> Errors:
    new, old = _dig(spec, steps), _dig(before, steps)
    return [] if new == old else [immutable(at.child(*steps), new)]


def _is_established(crd: Object) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Established" and c.get("status") == "True" for c in conditions)


def _check_name(crd: Object, spec: Object) -> Errors:
    expected = f"{(spec.get('names') or {}).get('plural', '')}.{spec.get('group') or ''}"
    given = (crd.get("metadata") or {}).get("name") or ""
    if given in (expected, ""):
        return []
    return [invalid(Path("metadata", "name"), given, 'must be spec.names.plural+"."+spec.group')]


def _approval(crd: Object, spec: Object) -> Errors:
    group = spec.get("group") or ""
    if not any(group == suffix or group.endswith(f".{suffix}") for suffix in ("k8s.io", "kubernetes.io")):
        return []
    value = ((crd.get("metadata") or {}).get("annotations") or {}).get(_APPROVAL) or ""
    at = Path("metadata", "annotations").key(_APPROVAL)
    if not value:
        return [required(at, _APPROVAL_HINT)]
    if value.startswith("unapproved") or "://" in value:
        return []
    message = (
        f'protected groups must have approval annotation "{_APPROVAL}" with either a URL or a reason starting with '
        '"unapproved", see https://github.com/kubernetes/enhancements/pull/1111'
    )
    return [invalid(at, value, message)]


def _stored_versions(crd: Object, spec: Object) -> Errors:
    stored = (crd.get("status") or {}).get("storedVersions")
    at = Path("status", "storedVersions")
    if not stored:
        return [invalid(at, stored, "must have at least one stored version")]
    errors: Errors = []
    left = set(stored)
    for version in spec.get("versions") or ():
        name = version.get("name") or ""
        if version.get("storage") and name not in left:
            errors.append(invalid(at, stored, f"must have the storage version {name}"))
        left.discard(name)
    for index, name in enumerate(stored):
        if name in left:
            message = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            errors.append(invalid(at.index(index), name, message))
    return errors


def _spec(spec: Object, at: Path, before: Object | None) -> Errors:
    errors = _group(spec.get("group") or "", at.child("group"))
    scope = spec.get("scope") or ""
    if not scope:
        errors.append(required(at.child("scope")))
    elif scope not in ("Cluster", "Namespaced"):
        errors.append(not_supported(at.child("scope"), scope, ["Cluster", "Namespaced"]))
    hub, kept = Hub(spec), Hub(before) if before is not None else None
    errors += _versions(hub, at, kept)
    names_ = spec.get("names") or {}
    for field in ("plural", "singular", "kind", "listKind"):
        if not names_.get(field):
            errors.append(required(at.child("names", field)))
    errors += _names(names_, at.child("names"))
    errors += _shared(hub, at, kept)
    if spec.get("preserveUnknownFields") and (spec.get("conversion") or {}).get("strategy") not in (None, "None"):
        at_strategy = at.child("conversion", "strategy")
        strategy = spec["conversion"]["strategy"]
        errors.append(invalid(at_strategy, strategy, "must be None if spec.preserveUnknownFields is true"))
    return errors + _conversion(spec.get("conversion"), at.child("conversion"))


def _group(group: str, at: Path) -> Errors:
    if not group:
        return [required(at)]
    wrong = names.is_dns1123_subdomain(group)
    if wrong:
        return [invalid(at, group, ",".join(wrong))]
    return [] if "." in group else [invalid(at, group, "should be a domain with at least one dot")]


def _versions(hub: Hub, at: Path, before: Hub | None) -> Errors:
    errors: Errors = []
    at_versions = at.child("versions")
    if hub.schema is None:
        for index, version in enumerate(hub.versions):
            if hub.schema_of(version) is None:
                here = at_versions.index(index).child("schema", "openAPIV3Schema")
                errors.append(required(here))
    if hub.spec.get("preserveUnknownFields") and hub.has_defaults():
        message = "must be false in order to use defaults in the schema"
        errors.append(invalid(at.child("preserveUnknownFields"), True, message))
    for index, version in enumerate(hub.versions):
        here, name = at_versions.index(index), version.get("name") or ""
        errors += _version_name(name, here.child("name"))
        errors += of_version.deprecation_errors(version, here)
        errors += _own(hub, version, here, before)
    seen = [version.get("name") for version in hub.versions]
    if len(set(seen)) != len(seen):
        errors.append(invalid(at_versions, hub.shown(), "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in hub.versions) != 1:
        errors.append(invalid(at_versions, hub.shown(), "must have exactly one version marked as storage version"))
    if seen and seen[0]:
        errors += _version_name(seen[0], at.child("version"))
    return errors


def _version_name(name: str, at: Path) -> Errors:
    wrong = names.is_dns1035_label(name)
    return [invalid(at, name, ",".join(wrong))] if wrong else []


def _own(hub: Hub, version: Object, at: Path, before: Hub | None) -> Errors:
    """What a version says for itself, because another says something else."""
    errors: Errors = []
    if hub.schema is None:
        raw = hub.schema_of(version)
        if raw is not None and not (before and before.judged(version, hub)):
            here = at.child("schema", "openAPIV3Schema")
            errors += of_version.schema_errors(raw, here, status=hub.has_status(version))
    if hub.subresources is None:
        errors += of_version.subresource_errors(version.get("subresources"), at.child("subresources"))
    if not hub.columns:
        columns = version.get("additionalPrinterColumns") or ()
        errors += of_version.column_errors(columns, at.child("additionalPrinterColumns"))
    if hub.selectable or not version.get("selectableFields"):
        return errors
    here = at.child("selectableFields")
    if hub.schema is not None or hub.schema_of(version) is None:
        message = "may only be set when `version.schema.openAPIV3Schema` is not included"
        return [*errors, invalid(here, "", message)]
    return errors + of_version.selectable_errors(version["selectableFields"], hub.schema_of(version) or {}, here)


def _shared(hub: Hub, at: Path, before: Hub | None) -> Errors:
    """What all versions say alike: upstream keeps and names it at the top of the spec."""
    errors: Errors = []
    if hub.schema is not None and not (before and all(before.judged(version, hub) for version in hub.versions)):
        here = at.child("validation", "openAPIV3Schema")
        errors += of_version.schema_errors(hub.schema, here, status=hub.has_any_status())
    errors += of_version.subresource_errors(hub.subresources, at.child("subresources"))
    errors += of_version.column_errors(hub.columns, at.child("additionalPrinterColumns"))
    if not hub.selectable:
        return errors
    here = at.child("selectableFields")
    if hub.schema is None:
        return [*errors, invalid(here, "", "may only be set when validations.schema is included")]
    return errors + of_version.selectable_errors(hub.selectable, hub.schema, here)


def _names(given: Object, at: Path) -> Errors:
    errors: Errors = []
    mixed = "may have mixed case, but should otherwise match: "
    for field in ("plural", "singular"):
        wrong = names.is_dns1035_label(given[field]) if given.get(field) else []
        if wrong:
            errors.append(invalid(at.child(field), given[field], ",".join(wrong)))
    for field in ("kind", "listKind"):
        wrong = names.is_dns1035_label(given[field].lower()) if given.get(field) else []
        if wrong:
            errors.append(invalid(at.child(field), given[field], mixed + ",".join(wrong)))
    for field in ("shortNames", "categories"):
        for index, name in enumerate(given.get(field) or ()):
            wrong = names.is_dns1035_label(name)
            if wrong:
                errors.append(invalid(at.child(field).index(index), name, ",".join(wrong)))
    if given.get("kind") and given["kind"] == given.get("listKind"):
        errors.append(invalid(at.child("listKind"), given["listKind"], "kind and listKind may not be the same"))
    return errors


def _conversion(conversion: Object | None, at: Path) -> Errors:
    if conversion is None:
        return []
    strategy, webhook = conversion.get("strategy") or "", conversion.get("webhook") or {}
    config, versions = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    at_config, at_versions = at.child("webhookClientConfig"), at.child("conversionReviewVersions")
    errors = checks.one_of_these(at.child("strategy"), strategy, ("None", "Webhook"))
    if strategy != "Webhook":
        message = "should not be set when strategy is not set to Webhook"
        errors += [forbidden(at_config, message)] if config is not None else []
        return errors + ([forbidden(at_versions, message)] if versions else [])
    from kajitori.api.admissionregistration.webhooks import client_config

    if config is None:
        errors.append(required(at_config, "required when strategy is set to Webhook"))
    else:
        errors += client_config(at_config, config)
    return errors + _review_versions(versions, at_versions)


def _review_versions(versions: list[str], at: Path) -> Errors:
    if not versions:
        return [required(at)]
    errors: Errors = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            errors.append(invalid(at.index(index), version, "duplicate version"))
            continue
        errors += [invalid(at.index(index), version, why) for why in names.is_dns1035_label(version)]
    if not {"v1", "v1beta1"} & set(versions):
        errors.append(invalid(at, versions, "must include at least one of v1, v1beta1"))
    return errors
