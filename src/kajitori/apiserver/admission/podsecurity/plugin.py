"""PodSecurity: a namespace's labels, or the configured defaults, say which Pod Security Standard its Pods are held to.

`enforce` refuses Pods; `warn` tells the client, `audit` the audit log, both for workloads that make Pods, too.
May import: admission_types, deps, admission.podsecurity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.podsecurity.policy import (
    PREFIX,
    Configuration,
    Policy,
    Standard,
    ignored_labels,
    policy_of,
    read_podsecurity,
)
from kajitori.apiserver.admission.podsecurity.rule import Violation, seccomp_annotations
from kajitori.apiserver.admission.podsecurity.standards import violations
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import Invalid
from kajitori.machinery.fieldpath import FieldError, aggregate

Object = dict[str, Any]
MAX_PODS = 3000
"""Of a namespace's Pods so many are looked at when its labels change."""
_OTHER_SUBRESOURCES = frozenset({"exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"})
_TEMPLATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "replicationcontrollers"): ("spec", "template"),
    ("", "podtemplates"): ("template",),
    ("apps", "daemonsets"): ("spec", "template"),
    ("apps", "deployments"): ("spec", "template"),
    ("apps", "replicasets"): ("spec", "template"),
    ("apps", "statefulsets"): ("spec", "template"),
    ("batch", "cronjobs"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "jobs"): ("spec", "template"),
}


class PodSecurity(AdmissionPlugin):
    """Holds Pods, and what makes Pods, to their namespace's standards (KEP-2579)."""

    name: ClassVar[str] = "PodSecurity"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps, configuration: Mapping[str, Any] | None = None) -> None:
        self._reader, self._metrics = deps.reader, deps.metrics
        self.configuration: Configuration = read_podsecurity(configuration)

    def handles(self, resource: Resource, subresource: str) -> bool:
        key = (resource.group, resource.plural)
        if key == ("", "pods"):
            return subresource not in _OTHER_SUBRESOURCES
        return not subresource and (key == ("", "namespaces") or key in _TEMPLATES)

    async def validate(self, request: AdmissionRequest) -> None:
        if request.object is None:
            return
        key = (request.resource.group, request.resource.plural)
        if key == ("", "namespaces"):
            self._namespace(request)
        elif key == ("", "pods"):
            self._pod(request)
        else:
            self._template(request, _TEMPLATES[key])

    def _policy(self, namespace: str) -> tuple[Policy, list[FieldError]]:
        return policy_of(_labels(self._reader.get("", "namespaces", "", namespace)), self.configuration.defaults)

    def _is_exempt(self, request: AdmissionRequest) -> bool:
        exempt = self.configuration.exemptions
        if request.namespace in exempt.namespaces:
            why = "namespace"
        elif request.user.name in exempt.usernames:
            why = "user"
        else:
            return False
        self._exempt(request, why)
        return True

    def _exempt(self, request: AdmissionRequest, why: str) -> None:
        request.annotate(PREFIX + "exempt", why)
        self._metrics.podsecurity_exemptions.inc(*_labels_of(request))

    def _count(self, request: AdmissionRequest, decision: str, standard: Standard, mode: str) -> None:
        version = "future" if standard.is_future else standard.version
        self._metrics.podsecurity_evaluations.inc(decision, standard.level, version, mode, *_labels_of(request))

    # Pods and what makes them

    def _pod(self, request: AdmissionRequest) -> None:
        if self._is_exempt(request):
            return
        policy, errors = self._policy(request.namespace)
        if not errors and all(standard.is_privileged for standard in policy):
            request.annotate(PREFIX + "enforce-policy", "privileged:latest")
            self._count(request, "allow", policy.enforce, "enforce")
            return
        pod = request.object
        assert pod is not None
        if request.old_object is not None and not is_significant(pod, request.old_object):
            return
        self._evaluate(request, policy, errors, pod, enforce=True)

    def _template(self, request: AdmissionRequest, path: tuple[str, ...]) -> None:
        if self._is_exempt(request):
            return
        policy, errors = self._policy(request.namespace)
        if not errors and policy.warn.is_privileged and policy.audit.is_privileged:
            return
        found: Any = request.object
        for step in path:
            found = (found or {}).get(step)
        if isinstance(found, dict):
            self._evaluate(request, policy, errors, found, enforce=False)

    def _evaluate(
        self, request: AdmissionRequest, policy: Policy, errors: list[FieldError], holder: Object, *, enforce: bool
    ) -> None:
        metadata, spec = holder.get("metadata") or {}, holder.get("spec") or {}
        if spec.get("runtimeClassName") in self.configuration.exemptions.runtime_classes:
            self._exempt(request, "runtimeClass")
            return
        if errors:
            self._metrics.podsecurity_errors.inc("false", *_labels_of(request))
            request.annotate(PREFIX + "error", f"Failed to parse policy: {aggregate(errors)}")
        refusal = ""
        if enforce:
            request.annotate(PREFIX + "enforce-policy", str(policy.enforce))
            if found := _found(policy.enforce, metadata, spec):
                refusal = f'violates PodSecurity "{policy.enforce}": {_details(found)}'
            self._count(request, "deny" if refusal else "allow", policy.enforce, "enforce")
        if found := _found(policy.audit, metadata, spec):
            say = f'would violate PodSecurity "{policy.audit}": {_details(found)}'
            request.annotate(PREFIX + "audit-violations", say)
            self._count(request, "deny", policy.audit, "audit")
        if refusal:
            raise refuse(request, refusal)
        if found := _found(policy.warn, metadata, spec):
            request.warnings.append(f'would violate PodSecurity "{policy.warn}": {_details(found)}')
            self._count(request, "deny", policy.warn, "warn")

    # namespaces

    def _namespace(self, request: AdmissionRequest) -> None:
        """Labels must make sense; Pods that would not pass a stricter level are named to the client."""
        labels = _labels(request.object)
        defaults = self.configuration.defaults
        policy, errors = policy_of(labels, defaults)
        before, old_errors = policy_of(_labels(request.old_object), defaults)
        if errors and (request.operation == CREATE or [str(e) for e in errors] != [str(e) for e in old_errors]):
            raise Invalid.of("", "Namespace", request.name, errors)
        if request.name in self.configuration.exemptions.namespaces:
            if ignored := ignored_labels(labels, policy, defaults):
                say = f"is exempt from Pod Security, and the policy ({ignored}) will be ignored"
                request.warnings.append(f'namespace "{request.name}" {say}')
            return
        new, old = policy.enforce, before.enforce
        if request.operation == CREATE or new == old or new.is_privileged:
            return
        if new.version == old.version and not new.is_stricter_than(old):
            return
        request.warnings.extend(self._existing(request.name, new))

    def _existing(self, namespace: str, standard: Standard) -> Iterable[str]:
        """What to say about the Pods that are there already."""
        exempt = self.configuration.exemptions.runtime_classes
        there = self._reader.list("", "pods", namespace)
        pods = unlike_first(pod for pod in there if pod["spec"].get("runtimeClassName") not in exempt)
        by_reasons: dict[str, list[str]] = {}
        for pod in pods[:MAX_PODS]:
            if found := _found(standard, pod["metadata"], pod["spec"]):
                by_reasons.setdefault(", ".join(v.reason for v in found), []).append(pod["metadata"]["name"])
        if len(pods) > MAX_PODS:
            yield (
                f"new PodSecurity enforce level only checked against the first {MAX_PODS} of {len(pods)} existing pods"
            )
        if by_reasons:
            yield f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{standard}"'
        yield from sorted(_counted(names, reasons) for reasons, names in by_reasons.items())


def _counted(names: list[str], reasons: str) -> str:
    others = len(names) - 1
    more = f" (and {others} other pod{'s' if others > 1 else ''})" if others else ""
    return f"{min(names)}{more}: {reasons}"


def unlike_first(pods: Iterable[Object]) -> list[Object]:
    """Pods of which no sibling has been before come first: their siblings are probably alike."""
    seen: set[str] = set()
    first: list[Object] = []
    rest: list[Object] = []
    for pod in pods:
        owners = pod["metadata"].get("ownerReferences") or ()
        owner = next((str(o.get("uid")) for o in owners if o.get("controller")), "")
        (rest if owner in seen else first).append(pod)
        if owner:
            seen.add(owner)
    return first + rest


def _labels_of(request: AdmissionRequest) -> tuple[str, str, str]:
    """How the metrics speak of a request."""
    kind = {"pods": "pod", "namespaces": "namespace"}.get(request.resource.plural, "controller")
    return request.operation.lower(), kind, request.subresource


def _labels(obj: Object | None) -> dict[str, str]:
    return ((obj or {}).get("metadata") or {}).get("labels") or {}


def _found(standard: Standard, metadata: Object, spec: Object) -> list[Violation]:
    return [] if standard.is_privileged else violations(standard.level, metadata, spec, standard.minor)


def _details(found: list[Violation]) -> str:
    return ", ".join(str(violation) for violation in found)


def is_significant(pod: Object, old: Object) -> bool:
    """Whether an update changes what a standard speaks of and a Pod may change: images, containers, old annotations."""
    spec, old_spec = pod.get("spec") or {}, old.get("spec") or {}
    for field in ("containers", "initContainers"):
        now, before = spec.get(field) or [], old_spec.get(field) or []
        if [c.get("image") for c in now] != [c.get("image") for c in before]:
            return True
    notes, old_notes = ((one.get("metadata") or {}).get("annotations") or {} for one in (pod, old))
    if any(notes.get(key) != old_notes.get(key) for key in seccomp_annotations(spec)):
        return True
    images = {c.get("name"): c.get("image") for c in old_spec.get("ephemeralContainers") or ()}
    return any(images.get(c.get("name")) != c.get("image") for c in spec.get("ephemeralContainers") or ())
