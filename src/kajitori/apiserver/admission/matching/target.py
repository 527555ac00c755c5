"""What a webhook or policy is about, compiled: rules, match policy, selectors; and an index over many of them.

`Index.covering` costs one dictionary look-up per kind of request that it has seen before. May import: matching, deps,
machinery.labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kajitori.api.registration import Resource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.admission.matching.equivalents import equivalents
from kajitori.apiserver.admission.matching.rules import Rule, first_covering, read_rules
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionRequest
from kajitori.apiserver.deps import Reader
from kajitori.machinery.errors import NotFound
from kajitori.machinery.labels import Selector

Object = dict[str, Any]
T = TypeVar("T")
EVERYTHING = Selector.everything()
_MAX_KNOWN = 2000


@dataclass(frozen=True, slots=True)
class Target:
    """When a webhook, policy or binding is concerned. `exact` is matchPolicy Exact: equivalents do not count."""

    rules: tuple[Rule, ...]
    excluded: tuple[Rule, ...] = ()
    exact: bool = False
    namespaces: Selector = EVERYTHING
    objects: Selector = EVERYTHING

    def shown_as(self, scheme: Scheme, resource: Resource, subresource: str, operation: str) -> Resource | None:
        """The resource by which the rules cover such requests: the request's own, an equivalent one, or None."""
        if any(rule.covers(resource, subresource, operation) for rule in self.rules):
            return resource
        if self.exact:
            return None
        others = list(equivalents(scheme, resource))
        for rule in self.rules:
            for other in others:
                if rule.covers(other, subresource, operation):
                    return other
        return None

    def names(self, scheme: Scheme, request: AdmissionRequest, resource: Resource) -> bool:
        """Whether resource names and exclusions leave the request covered."""
        sub, operation, name = request.subresource, request.operation, request.name
        if any(rule.names for rule in self.rules) and not first_covering(self.rules, resource, sub, operation, name):
            return False
        if not self.excluded:
            return True
        if first_covering(self.excluded, request.resource, sub, operation, name):
            return False
        return self.exact or not any(
            first_covering(self.excluded, other, sub, operation, name)
            for other in equivalents(scheme, request.resource)
        )

    def selects(self, request: AdmissionRequest, reader: Reader) -> bool:
        """Whether the selectors leave the request covered. Raises NotFound for a namespace that is not there."""
        if not self.namespaces.is_everything:
            labels = namespace_labels(request, reader)
            if labels is not None and not self.namespaces.matches(labels):
                return False
        if self.objects.is_everything:
            return True
        return any(self.objects.matches(labels_of(obj)) for obj in (request.object, request.old_object) if obj)


def read_target(spec: Mapping[str, Any], *, rules: str, excluded: str = "") -> Target:
    """The wire form; `rules` and `excluded` name the fields."""
    return Target(
        read_rules(spec.get(rules)),
        read_rules(spec.get(excluded)) if excluded else (),
        spec.get("matchPolicy") == "Exact",
        Selector.from_label_selector(spec.get("namespaceSelector") or {}),
        Selector.from_label_selector(spec.get("objectSelector") or {}),
    )


def labels_of(obj: Object | None) -> dict[str, str]:
    """Empty without an object or labels."""
    return ((obj or {}).get("metadata") or {}).get("labels") or {}


def namespace_labels(request: AdmissionRequest, reader: Reader) -> dict[str, str] | None:
    """The labels of the request's namespace, or of the namespace it is about; None for what is in no namespace."""
    is_namespace = (request.resource.group, request.resource.plural) == ("", "namespaces")
    if is_namespace and not request.subresource and request.operation in (CREATE, UPDATE):
        return labels_of(request.object)
    name = request.name if is_namespace else request.namespace if request.resource.namespaced else ""
    if not name:
        return None
    return labels_of(namespace_of(name, reader))


def namespace_of(name: str, reader: Reader) -> Object:
    """The Namespace that namespace selectors look at; raises NotFound."""
    found = reader.get("", "namespaces", "", name)
    if found is None:
        raise NotFound.of("", "namespaces", name)
    return found


class Index(Generic[T]):
    """Of many things with a target those that cover a request, in their order, with the resource to show."""

    def __init__(self, scheme: Scheme, items: Sequence[tuple[Target, T]]) -> None:
        self._scheme, self._items = scheme, items
        self._known: dict[tuple[Resource, str, str], tuple[tuple[T, Target, Resource], ...]] = {}

    def covering(self, request: AdmissionRequest) -> tuple[tuple[T, Target, Resource], ...]:
        """Selectors and resource names are not looked at."""
        key = (request.resource, request.subresource, request.operation)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            found = self._known[key] = tuple(
                (item, target, resource)
                for target, item in self._items
                if (resource := target.shown_as(self._scheme, *key)) is not None
            )
        return found

    def matching(self, request: AdmissionRequest, reader: Reader) -> Iterator[tuple[T, Resource]]:
        """What the request is a case for, selectors and all; each is looked at when it is asked for."""
        for item, target, resource in self.covering(request):
            if target.names(self._scheme, request, resource) and target.selects(request, reader):
                yield item, resource
