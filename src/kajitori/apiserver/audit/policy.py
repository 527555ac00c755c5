"""The audit policy: which requests are recorded, and how much of each. The first rule that matches decides. Pure.

May import: attributes, config; PyYAML when a file is read.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kajitori.apiserver.attributes import Attributes
from kajitori.apiserver.config import ConfigError
from kajitori.machinery import yamlerrors

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
        raise PolicyError(f"failed to read file path {str(path)!r}: {error.strerror}".replace("'", '"')) from error
    except yaml.YAMLError as error:
        raise PolicyError(f"failed decoding: {yamlerrors.words(error)}") from error
    return parse(document)


def parse(document: Any) -> Policy:
    """Raises PolicyError."""
    if not isinstance(document, dict) or document.get("kind") != "Policy":
        raise PolicyError(f"loaded illegal policy: kind Policy of {API_VERSION} is wanted")
    if document.get("apiVersion") != API_VERSION:
        raise PolicyError(f"unknown group version field {document.get('apiVersion')} in policy")
    unknown = document.keys() - {"apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"}
    if unknown:
        raise PolicyError(f"strict decoding error: unknown field {_quoted(sorted(unknown)[0])}")
    rules = document.get("rules") or []
    if not rules:
        raise PolicyError("loaded illegal policy with 0 rules")
    return Policy([_rule(one, document, f"rules[{index}]") for index, one in enumerate(rules)])


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


def _rule(one: Object, document: Object, at: str) -> Rule:
    if unknown := one.keys() - _RULE_FIELDS:
        raise PolicyError(f"strict decoding error: unknown field {_quoted(f'{at}.{sorted(unknown)[0]}')}")
    level = _LEVELS.get(one.get("level") or "")
    if level is None:
        allowed = ", ".join(_quoted(text) for text in _LEVELS)
        raise PolicyError(f"{at}.level: Unsupported value: {_quoted(one.get('level'))}: supported values: {allowed}")
    urls = one.get("nonResourceURLs") or ()
    if urls and (one.get("resources") or one.get("namespaces")):
        raise PolicyError(
            f"{at}.nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs"
        )
    for url in urls:
        if url != "*" and (not url.startswith("/") or "*" in url[:-1]):
            raise PolicyError(f"{at}.nonResourceURLs: Invalid value: {_quoted(url)}: must begin with '/' or be '*'")
    omitted = _stages(document.get("omitStages"), "omitStages") | _stages(one.get("omitStages"), f"{at}.omitStages")
    managed = one.get("omitManagedFields")
    omit_managed = bool(document.get("omitManagedFields") if managed is None else managed)
    return Rule(
        recording=Recording(level, omitted, omit_managed),
        users=frozenset(one.get("users") or ()),
        groups=frozenset(one.get("userGroups") or ()),
        verbs=frozenset(one.get("verbs") or ()),
        resources=tuple(one.get("resources") or ()),
        namespaces=frozenset(one.get("namespaces") or ()),
        urls=tuple(urls),
    )


def _stages(given: Any, at: str) -> frozenset[str]:
    for stage in given or ():
        if stage not in STAGES:
            raise PolicyError(f"{at}: Invalid value: {_quoted(stage)}: allowed stages are {','.join(STAGES)}")
    return frozenset(given or ())


def _quoted(value: Any) -> str:
    return f'"{value or ""}"'
