"""The audit policy: which requests are recorded, and how much of each. The first rule that matches decides. Pure.

May import: attributes, config, machinery; PyYAML when a file is read.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.attributes import Attributes
from kajitori.apiserver.config import ConfigError
from kajitori.machinery import yamlerrors
from kajitori.machinery.fieldpath import FieldError, aggregate, invalid, not_supported, required
from kajitori.machinery.fieldpath import Path as Field
from kajitori.machinery.gotext import quote
from kajitori.machinery.names import is_dns1123_subdomain

log = get_logger(__name__)
Object = dict[str, Any]
API_VERSION = "audit.k8s.io/v1"
STAGES = ("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic")


class PolicyError(ConfigError):
    """The policy file cannot be used."""


class Level(enum.IntEnum):
    """How much is recorded; each holds what those before it hold."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3

    @property
    def text(self) -> str:
        """As policies and events write it."""
        return _LEVEL_TEXTS[self]


_LEVEL_TEXTS = {
    Level.NONE: "None",
    Level.METADATA: "Metadata",
    Level.REQUEST: "Request",
    Level.REQUEST_RESPONSE: "RequestResponse",
}
_LEVELS = {text: level for level, text in _LEVEL_TEXTS.items()}


@dataclass(frozen=True, slots=True)
class Recording:
    """What to do with one request."""

    level: Level
    omit_stages: frozenset[str] = frozenset()
    omit_managed_fields: bool = False


_NOTHING = Recording(Level.NONE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy; an empty field excludes nothing."""

    recording: Recording
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    resources: Sequence[Mapping[str, Any]] = ()
    namespaces: frozenset[str] = frozenset()
    urls: Sequence[str] = ()

    def matches(self, a: Attributes) -> bool:
        """Resources and namespaces exclude requests that are not for resources, URLs the others."""
        if self.users and a.user.name not in self.users:
            return False
        if self.groups and self.groups.isdisjoint(a.user.groups):
            return False
        if self.verbs and a.verb not in self.verbs:
            return False
        if self.namespaces or self.resources:
            return self._matches_resource(a)
        if self.urls:
            return not a.is_resource_request and any(_url_matches(url, a.path) for url in self.urls)
        return True

    def _matches_resource(self, a: Attributes) -> bool:
        if not a.is_resource_request:
            return False
        if self.namespaces and a.namespace not in self.namespaces:
            return False
        return not self.resources or any(_covers(entry, a) for entry in self.resources)


def _covers(entry: Mapping[str, Any], a: Attributes) -> bool:
    if (entry.get("group") or "") != a.group:
        return False
    names = entry.get("resourceNames") or ()
    wanted = entry.get("resources") or ()
    if not wanted:
        return True
    if names and a.name not in names:
        return False
    whole = f"{a.resource}/{a.subresource}" if a.subresource else a.resource
    for pattern in wanted:
        if pattern in ("*", whole) or (pattern.endswith("/*") and pattern[:-2] == a.resource):
            return True
        if a.subresource and pattern.startswith("*/") and pattern[2:] == a.subresource:
            return True
    return False


def _url_matches(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))


class Policy:
    """Rules in order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)

    def recording(self, attributes: Attributes) -> Recording:
        """What to record of a request; nothing when no rule matches."""
        for rule in self._rules:
            if rule.matches(attributes):
                return rule.recording
        return _NOTHING


def load(path: str | Path) -> Policy:
    """Raises PolicyError."""
    import yaml

    try:
        document = yaml.safe_load(Path(path).read_bytes())
    except OSError as error:
        raise PolicyError(f"failed to read file path {quote(str(path))}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"failed decoding: {yamlerrors.words(error)}: from file {path}") from error
    try:
        return parse(document)
    except PolicyError as error:
        raise PolicyError(f"{error}: from file {path}") from error


def parse(document: Any) -> Policy:
    """Raises PolicyError with everything that is wrong. Fields that nobody knows are told and passed over."""
    if not isinstance(document, dict) or document.get("kind") != "Policy":
        raise PolicyError(f"loaded illegal policy: kind Policy of {API_VERSION} is wanted")
    if document.get("apiVersion") != API_VERSION:
        group, _, version = str(document.get("apiVersion")).rpartition("/")
        raise PolicyError(f"unknown group version field {group}/{version}, Kind=Policy in policy")
    rules = document.get("rules") or []
    _tell_unknown(document, rules)
    errors = _stage_errors(document.get("omitStages"), Field("omitStages"))
    for index, one in enumerate(rules):
        errors += _rule_errors(one, Field("rules").index(index))
    if errors:
        raise PolicyError(aggregate(errors))
    if not rules:
        raise PolicyError("loaded illegal policy with 0 rules")
    return Policy([_rule(one, document) for one in rules])


_FIELDS = frozenset({"apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"})
_RULE_FIELDS = frozenset(
    {
        "level",
        "users",
        "userGroups",
        "verbs",
        "resources",
        "namespaces",
        "nonResourceURLs",
        "omitStages",
        "omitManagedFields",
    }
)


def _tell_unknown(document: Object, rules: Sequence[Object]) -> None:
    unknown = sorted(document.keys() - _FIELDS)
    for index, one in enumerate(rules):
        unknown += [f"rules[{index}].{field}" for field in sorted(one.keys() - _RULE_FIELDS)]
    if unknown:
        said = ", ".join(f"unknown field {quote(field)}" for field in unknown)
        log.warning("Audit policy contains errors, falling back to lenient decoding", err=said)


def _rule_errors(one: Object, at: Field) -> list[FieldError]:
    errors = []
    level, urls = one.get("level") or "", one.get("nonResourceURLs") or []
    if not level:
        errors.append(required(at.child("level")))
    elif level not in _LEVELS:
        errors.append(not_supported(at.child("level"), level, list(_LEVELS)))
    for index, url in enumerate(urls):
        where = at.child("nonResourceURLs").index(index)
        if url != "*" and not url.startswith("/"):
            errors.append(invalid(where, url, "non-resource URL rules must begin with a '/' character"))
        if "*" in url[:-1]:
            say = "non-resource URL wildcards '*' must be the final character of the rule"
            errors.append(invalid(where, url, say))
    for entry in one.get("resources") or ():
        errors += _resource_errors(entry, at.child("resources"))
    errors += _stage_errors(one.get("omitStages"), at.child("omitStages"))
    if urls and (one.get("resources") or one.get("namespaces")):
        say = "rules cannot apply to both regular resources and non-resource URLs"
        errors.append(invalid(at.child("nonResourceURLs"), urls, say))
    return errors


def _resource_errors(entry: Object, at: Field) -> list[FieldError]:
    group, names = entry.get("group") or "", entry.get("resourceNames") or []
    wrong = is_dns1123_subdomain(group) if group else []
    errors = [invalid(at.child("group"), group, ",".join(wrong))] if wrong else []
    if names and not entry.get("resources"):
        errors.append(invalid(at.child("resourceNames"), names, "using resourceNames requires at least one resource"))
    return errors


def _stage_errors(given: Any, at: Field) -> list[FieldError]:
    say = f"allowed stages are {','.join(STAGES)}"
    return [invalid(at.index(index), one, say) for index, one in enumerate(given or ()) if one not in STAGES]


def _rule(one: Object, document: Object) -> Rule:
    managed = one.get("omitManagedFields")
    return Rule(
        recording=Recording(
            _LEVELS[one["level"]],
            frozenset((*(document.get("omitStages") or ()), *(one.get("omitStages") or ()))),
            bool(document.get("omitManagedFields") if managed is None else managed),
        ),
        users=frozenset(one.get("users") or ()),
        groups=frozenset(one.get("userGroups") or ()),
        verbs=frozenset(one.get("verbs") or ()),
        resources=tuple(one.get("resources") or ()),
        namespaces=frozenset(one.get("namespaces") or ()),
        urls=tuple(one.get("nonResourceURLs") or ()),
    )
