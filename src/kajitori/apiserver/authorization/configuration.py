"""AuthorizationConfiguration (--authorization-config): which authorizers are asked, in order; webhooks any number.

May import: config; PyYAML and cel when a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.apiserver.config import ConfigError
from kajitori.machinery import yamlerrors
from kajitori.machinery.fieldpath import FieldError, duplicate, invalid, not_supported, required, too_many
from kajitori.machinery.fieldpath import Path as Field
from kajitori.machinery.names import is_dns1123_subdomain
from kajitori.machinery.times import format_go_duration, parse_go_duration

if TYPE_CHECKING:
    from kajitori.cel import Program

Object = Mapping[str, Any]
WEBHOOK = "Webhook"
_ONCE = ("AlwaysAllow", "AlwaysDeny", "Node", "RBAC")
_API_VERSIONS = tuple(f"apiserver.config.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
_WEBHOOK_FIELDS = frozenset(
    (
        "authorizedTTL",
        "cacheAuthorizedRequests",
        "unauthorizedTTL",
        "cacheUnauthorizedRequests",
        "timeout",
        "connectionInfo",
        "subjectAccessReviewVersion",
        "matchConditionSubjectAccessReviewVersion",
        "failurePolicy",
        "matchConditions",
    )
)
MAX_TIMEOUT_S = 30.0
_MOST_CONDITIONS = 64


class AuthorizationConfigError(ConfigError):
    """The file cannot be used."""


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """One webhook; a TTL of 0 means that such answers are not remembered."""

    kubeconfig: str = ""
    version: str = "v1"
    timeout_s: float = MAX_TIMEOUT_S
    allowed_ttl_s: float = 300.0
    denied_ttl_s: float = 30.0
    denies_on_failure: bool = False
    conditions: tuple[Program, ...] = ()


@dataclass(frozen=True)
class Configured:
    """One authorizer of the list; `webhook` is meant only where the type is Webhook."""

    type: str
    name: str
    webhook: WebhookSettings = field(default_factory=WebhookSettings)


def load(path: str) -> list[Configured]:
    """Raises AuthorizationConfigError, OSError."""
    import yaml

    try:
        document = yaml.safe_load(Path(path).read_text())
    except yaml.YAMLError as error:
        raise AuthorizationConfigError(f"failed to load {path}: {yamlerrors.words(error)}") from error
    except OSError as error:
        raise AuthorizationConfigError(f"failed to read {path}: {error.strerror}") from error
    return parse(document)


def parse(document: Any) -> list[Configured]:
    """Raises AuthorizationConfigError, with everything that is wrong."""
    if not isinstance(document, dict) or document.get("kind") != "AuthorizationConfiguration":
        raise AuthorizationConfigError("kind AuthorizationConfiguration is wanted")
    if document.get("apiVersion") not in _API_VERSIONS:
        raise AuthorizationConfigError(f"unknown apiVersion {document.get('apiVersion')}")
    _only(document, frozenset({"apiVersion", "kind", "authorizers"}), "")
    given = document.get("authorizers") or []
    at, errors = Field("authorizers"), list[FieldError]()
    if not given:
        errors.append(required(at, "at least one authorization mode must be defined"))
    found = [_authorizer(at.index(position), one, given[:position], errors) for position, one in enumerate(given)]
    if errors:
        shown = [str(error) for error in errors]
        raise AuthorizationConfigError(shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]")
    return found


def _authorizer(at: Field, one: Object, before: list[Any], errors: list[FieldError]) -> Configured:
    _only(one, frozenset({"type", "name", "webhook"}), f"{at}.")
    kind, name = one.get("type") or "", one.get("name") or ""
    fault = None
    if not kind:
        fault = required(at.child("type"))
    elif kind not in (*_ONCE, WEBHOOK):
        fault = not_supported(at.child("type"), kind, sorted((*_ONCE, WEBHOOK)))
    elif kind != WEBHOOK and any(other.get("type") == kind for other in before):
        fault = duplicate(at.child("type"), kind)
    if fault is not None:  # what else is wrong with it nobody can tell
        errors.append(fault)
        return Configured(kind, name)
    if not name:
        errors.append(required(at.child("name")))
    elif any(other.get("name") == name for other in before):
        errors.append(duplicate(at.child("name"), name))
    elif wrong := is_dns1123_subdomain(name):
        errors.append(invalid(at.child("name"), name, f"authorizer name is invalid: {', '.join(wrong)}"))
    if kind != WEBHOOK:
        if one.get("webhook") is not None:
            errors.append(invalid(at.child("webhook"), "non-null", "may only be specified when type=Webhook"))
        return Configured(kind, name)
    if not isinstance(one.get("webhook"), dict):
        errors.append(required(at.child("webhook"), "required when type=Webhook"))
        return Configured(kind, name)
    _only(one["webhook"], _WEBHOOK_FIELDS, f"{at}.webhook.")
    return Configured(kind, name, _webhook(at, one["webhook"], errors))


def _webhook(at: Field, given: Object, errors: list[FieldError]) -> WebhookSettings:
    """As upstream, what is wrong with it is told without the word `webhook` in the path."""
    timeout_s = _duration(at.child("timeout"), given.get("timeout"), errors, MAX_TIMEOUT_S)
    allowed_ttl_s = _ttl(at, given, "authorizedTTL", "cacheAuthorizedRequests", 300.0, errors)
    denied_ttl_s = _ttl(at, given, "unauthorizedTTL", "cacheUnauthorizedRequests", 30.0, errors)
    _one_of(at, given, "subjectAccessReviewVersion", ("v1", "v1beta1"), errors)
    conditions = given.get("matchConditions") or ()
    if given.get("matchConditionSubjectAccessReviewVersion"):
        _one_of(at, given, "matchConditionSubjectAccessReviewVersion", ("v1",), errors)
    elif conditions:
        say = "required if match conditions are specified"
        errors.append(required(at.child("matchConditionSubjectAccessReviewVersion"), say))
    _one_of(at, given, "failurePolicy", ("NoOpinion", "Deny"), errors)
    return WebhookSettings(
        kubeconfig=_connection(at.child("connectionInfo"), given.get("connectionInfo") or {}, errors),
        version=given.get("subjectAccessReviewVersion") or "v1",
        timeout_s=timeout_s,
        allowed_ttl_s=allowed_ttl_s,
        denied_ttl_s=denied_ttl_s,
        denies_on_failure=given.get("failurePolicy") == "Deny",
        conditions=_compiled(at.child("matchConditions"), conditions, errors),
    )


def _one_of(at: Field, given: Object, name: str, allowed: tuple[str, ...], errors: list[FieldError]) -> None:
    value = given.get(name) or ""
    if not value:
        errors.append(required(at.child(name)))
    elif value not in allowed:
        errors.append(not_supported(at.child(name), value, list(allowed)))


def _ttl(at: Field, given: Object, name: str, switch: str, default_s: float, errors: list[FieldError]) -> float:
    if given.get(switch) is False:
        return 0.0
    return _duration(at.child(name), given[name], errors) if given.get(name) else default_s


def _duration(at: Field, text: Any, errors: list[FieldError], most_s: float = 0.0) -> float:
    if not text:
        errors.append(required(at))
        return 0.0
    try:
        found = float(parse_go_duration(str(text)))
    except ValueError as error:
        raise AuthorizationConfigError(f"{at}: {error}") from error
    if not found:
        errors.append(required(at))
    elif found < 0 or (most_s and found > most_s):
        say = f"must be > 0s and <= {most_s:.0f}s" if most_s else "must be > 0s"
        errors.append(invalid(at, format_go_duration(found), say))
    return found


def _connection(at: Field, given: Object, errors: list[FieldError]) -> str:
    """The kubeconfig; "" means the cluster that this server runs in."""
    kind, path = given.get("type") or "", given.get("kubeConfigFile") or ""
    if kind == "KubeConfigFile":
        if not path:
            errors.append(required(at.child("kubeConfigFile")))
        elif not Path(path).is_absolute():
            errors.append(invalid(at.child("kubeConfigFile"), path, "must be an absolute path"))
        elif not Path(path).exists():
            say = f"error loading file: stat {path}: no such file or directory"
            errors.append(invalid(at.child("kubeConfigFile"), path, say))
        elif not Path(path).is_file():
            errors.append(invalid(at.child("kubeConfigFile"), path, "must be a regular file"))
    elif kind != "InClusterConfig":
        _one_of(at, given, "type", ("InClusterConfig", "KubeConfigFile"), errors)
    elif path:
        errors.append(invalid(at.child("kubeConfigFile"), path, "can only be set when type=KubeConfigFile"))
    return path


def _compiled(at: Field, given: Any, errors: list[FieldError]) -> tuple[Program, ...]:
    from kajitori import cel

    if len(given) > _MOST_CONDITIONS:
        errors.append(too_many(at, len(given), _MOST_CONDITIONS))
        return ()
    programs, seen = [], set()
    for position, one in enumerate(given):
        path, expression = at.index(position).child("expression"), (one.get("expression") or "").strip()
        if not expression:
            errors.append(required(path))
            continue
        if expression in seen:
            errors.append(duplicate(path, expression))
            continue
        seen.add(expression)
        try:
            programs.append(cel.compile(expression, {"request": cel.DYN}, result=cel.BOOL))
        except cel.CompileError as error:
            errors.append(invalid(path, expression, f"compilation failed: {error}"))
    return tuple(programs)


def _only(given: Any, known: frozenset[str], at: str) -> None:
    if not isinstance(given, dict):
        raise AuthorizationConfigError(f"{at.rstrip('.') or 'configuration'}: a mapping is wanted")
    if unknown := sorted(given.keys() - known):
        raise AuthorizationConfigError(f'strict decoding error: unknown field "{at}{unknown[0]}"')
