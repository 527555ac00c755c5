"""Validation and defaults of webhook configurations. May import: api."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from kajitori.api import checks
from kajitori.api.admissionregistration import matching
from kajitori.api.checks import Errors
from kajitori.machinery import names
from kajitori.machinery.fieldpath import Path, duplicate, invalid, not_supported, required

Object = dict[str, Any]
FAILURE_POLICIES = ("Fail", "Ignore")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_REINVOCATION = ("IfNeeded", "Never")
_FORM = "; desired format: https://host[/path]"


def defaults(obj: Object) -> None:
    """Both kinds of configurations; only mutating webhooks have a `reinvocationPolicy`."""
    mutating = obj.get("kind") == "MutatingWebhookConfiguration"
    for hook in obj.get("webhooks") or ():
        _where_absent(hook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10)
        _where_absent(hook, namespaceSelector={}, objectSelector={})
        if mutating:
            _where_absent(hook, reinvocationPolicy="Never")
        service = (hook.get("clientConfig") or {}).get("service")
        if service is not None:
            service.setdefault("port", 443)
        rule_scopes(hook.get("rules"))


def rule_scopes(rules: list[Object] | None) -> None:
    """Rules without a scope cover namespaced and cluster-wide resources."""
    for rule in rules or ():
        _where_absent(rule, scope="*")


def _where_absent(obj: Object, **values: Any) -> None:
    """An empty text is a choice that validation refuses, not an open one."""
    for field, value in values.items():
        if obj.get(field) is None:
            obj[field] = value


def validate(obj: Object) -> Errors:
    """Everything is held to the rules of new objects."""
    return _validate(obj, known=())


def validate_update(obj: Object, old: Object) -> Errors:
    """Conditions that have not changed were good once."""
    before = [hook.get("matchConditions") for hook in old.get("webhooks") or ()]
    return _validate(obj, known=before)


def _validate(obj: Object, known: Sequence[Any]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for position, hook in enumerate(obj.get("webhooks") or ()):
        at, name = Path("webhooks").index(position), hook.get("name") or ""
        errors += _name(at.child("name"), name)
        errors += _webhook(at, hook)
        if hook.get("matchConditions") and hook["matchConditions"] not in known:
            errors += matching.conditions(at.child("matchConditions"), hook["matchConditions"])
        errors += _review_versions(at.child("admissionReviewVersions"), hook.get("admissionReviewVersions") or [])
        if name and name in seen:
            errors.append(duplicate(at.child("name"), name))
        seen.add(name)
    return errors


def _name(at: Path, name: str) -> Errors:
    errors = checks.dns_subdomain(at, name)
    if name and not errors and name.count(".") < 2:
        errors.append(invalid(at, name, "should be a domain with at least three segments separated by dots"))
    return errors


def _webhook(at: Path, hook: Object) -> Errors:
    errors: Errors = []
    for index, rule in enumerate(hook.get("rules") or ()):
        errors += matching.rule(at.child("rules").index(index), rule)
    for field, allowed in (
        ("failurePolicy", FAILURE_POLICIES),
        ("matchPolicy", matching.MATCH_POLICIES),
        ("reinvocationPolicy", _REINVOCATION),
    ):
        errors += checks.choice(at.child(field), hook.get(field), allowed)
    effects = hook.get("sideEffects")
    if effects is None:
        errors.append(required(at.child("sideEffects"), f"must specify one of {', '.join(_SIDE_EFFECTS)}"))
    elif effects not in _SIDE_EFFECTS:
        errors.append(not_supported(at.child("sideEffects"), effects, _SIDE_EFFECTS))
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(at.child("timeoutSeconds"), timeout, why))
    for field in ("namespaceSelector", "objectSelector"):
        errors += checks.label_selector(at.child(field), hook.get(field))
    return errors + client_config(at.child("clientConfig"), hook.get("clientConfig") or {})


def _review_versions(at: Path, versions: Sequence[str]) -> Errors:
    if not versions:
        return [required(at, f"must specify one of {', '.join(_REVIEW_VERSIONS)}")]
    errors: Errors = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            errors.append(invalid(at.index(index), version, "duplicate version"))
            continue
        errors += checks.by(at.index(index), version, names.is_dns1035_label)
    if not any(version in _REVIEW_VERSIONS for version in versions):
        errors.append(invalid(at, list(versions), f"must include at least one of {', '.join(_REVIEW_VERSIONS)}"))
    return errors


def client_config(at: Path, config: Object) -> Errors:
    """A URL or a Service, exactly one."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        return [required(at, "exactly one of url or service is required")]
    if url is not None:
        return _url(at.child("url"), url)
    assert service is not None
    return _service(at.child("service"), service)


def _url(at: Path, text: str) -> Errors:
    try:
        url = urlsplit(text)
        host = url.hostname or ""
    except ValueError as error:
        return [required(at, f"url must be a valid URL: {error}{_FORM}")]
    errors: Errors = []
    if url.scheme != "https":
        errors.append(invalid(at, url.scheme, f"'https' is the only allowed URL scheme{_FORM}"))
    if not host:
        errors.append(invalid(at, "", f"host must be specified{_FORM}"))
    if url.username is not None:
        errors.append(invalid(at, url.netloc.rpartition("@")[0], "user information is not permitted in the URL"))
    if url.fragment:
        errors.append(invalid(at, url.fragment, "fragments are not permitted in the URL"))
    if url.query:
        errors.append(invalid(at, url.query, "query parameters are not permitted in the URL"))
    return errors


def _service(at: Path, service: Object) -> Errors:
    errors: Errors = []
    if not service.get("name"):
        errors.append(required(at.child("name"), "service name is required"))
    if not service.get("namespace"):
        errors.append(required(at.child("namespace"), "service namespace is required"))
    port = service.get("port")
    if port is not None and not 1 <= port <= 65535:
        errors.append(invalid(at.child("port"), port, f"port is not valid: {checks.PORT_RANGE}"))
    path = service.get("path")
    return errors + (_path(at.child("path"), path) if path is not None else [])


def _path(at: Path, path: str) -> Errors:
    if not path or path == "/":
        return []
    errors: Errors = [] if path.startswith("/") else [invalid(at, path, "must start with a '/'")]
    steps = path[1:].removesuffix("/").split("/")
    for index, step in enumerate(steps):
        if not step:
            errors.append(invalid(at, path, f"segment[{index}] may not be empty"))
            continue
        errors += [invalid(at, path, f"segment[{index}]: {why}") for why in names.is_dns1123_subdomain(step)]
    return errors
