"""Rules of webhooks and policies: which operations on which resources they name. Pure.

May import: api.registration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kajitori.api.registration import Resource

ANY = "*"
_GROUP = "admissionregistration.k8s.io"
_EXEMPT = frozenset(
    {
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `rules` or `resourceRules`; resources are (plural, subresource) pairs."""

    operations: frozenset[str]
    groups: frozenset[str]
    versions: frozenset[str]
    resources: tuple[tuple[str, str], ...]
    scope: str = ANY
    names: frozenset[str] = frozenset()

    def covers(self, resource: Resource, subresource: str, operation: str) -> bool:
        """Whether the rule names this resource, in this version; its `names` are not looked at."""
        return (
            _has(self.operations, operation)
            and _has(self.groups, resource.group)
            and _has(self.versions, resource.version)
            and self._covers_scope(resource)
            and any(r in (ANY, resource.plural) and s in (ANY, subresource) for r, s in self.resources)
        )

    def _covers_scope(self, resource: Resource) -> bool:
        return self.scope == ANY or (self.scope == "Namespaced") == resource.namespaced


def _has(allowed: frozenset[str], value: str) -> bool:
    return ANY in allowed or value in allowed


def read_rules(rules: Iterable[Mapping[str, Any]] | None) -> tuple[Rule, ...]:
    """The wire form of rules, RuleWithOperations and NamedRuleWithOperations alike."""
    return tuple(
        Rule(
            frozenset(rule.get("operations") or ()),
            frozenset(rule.get("apiGroups") or ()),
            frozenset(rule.get("apiVersions") or ()),
            tuple(_split(text) for text in rule.get("resources") or ()),
            rule.get("scope") or ANY,
            frozenset(rule.get("resourceNames") or ()),
        )
        for rule in rules or ()
    )


def _split(text: str) -> tuple[str, str]:
    plural, _, subresource = text.partition("/")
    return plural, subresource


def is_exempt(resource: Resource) -> bool:
    """What configures webhooks and policies is not subject to them, or nobody could repair a broken one."""
    return resource.group == _GROUP and resource.plural in _EXEMPT


def is_internal(resource: Resource, subresource: str, operation: str) -> bool:
    """Binding and evicting end in a write to the Pod that clients did not ask for: they were asked about before."""
    return resource.plural == "pods" and subresource in ("binding", "eviction") and operation == "UPDATE"


def first_covering(rules: Sequence[Rule], resource: Resource, subresource: str, operation: str, name: str) -> bool:
    """Whether any rule covers the request, its resource names included."""
    return any(
        rule.covers(resource, subresource, operation) and (not rule.names or name in rule.names) for rule in rules
    )
