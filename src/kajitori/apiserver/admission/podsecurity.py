"""PodSecurity: a namespace's labels say which Pod Security Standard its Pods are held to.

`enforce` refuses Pods; `warn` tells the client, for workloads that make Pods, too. Versions are shown as the labels say
them; the rules are always v1.34's. Not yet: `audit` annotations, exemptions, the configuration file (issue 3).
May import: admission_types, deps, admission.podsecurity_checks.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, NamedTuple

from kajitori.api.scheme import Resource
from kajitori.apiserver.admission.podsecurity_checks import LEVELS, violations
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import Invalid
from kajitori.machinery.fieldpath import FieldError, Path, invalid

Object = dict[str, Any]
PREFIX = "pod-security.kubernetes.io/"
_VERSION = re.compile(r"latest|v1\.\d+\Z")
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


class Policy(NamedTuple):
    level: str
    version: str

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


class PodSecurity(AdmissionPlugin):
    name: ClassVar[str] = "PodSecurity"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        key = (resource.group, resource.plural)
        if key == ("", "pods"):
            return subresource in ("", "ephemeralcontainers")
        return not subresource and (key == ("", "namespaces") or key in _TEMPLATES)

    async def validate(self, request: AdmissionRequest) -> None:
        if request.object is None:
            return
        key = (request.resource.group, request.resource.plural)
        if key == ("", "namespaces"):
            self._namespace(request)
            return
        labels = self._labels(request.namespace)
        if not any(label.startswith(PREFIX) for label in labels):
            return
        if key == ("", "pods"):
            # What a Pod may update by itself (image, tolerations) is nothing that a standard speaks of.
            if request.operation == CREATE or request.subresource:
                self._pod(request, labels)
        elif (template := _template(request.object, _TEMPLATES[key])) is not None:
            _warn(request, labels, template)

    def _labels(self, namespace: str) -> dict[str, str]:
        found = self._reader.get("", "namespaces", "", namespace)
        return ((found or {}).get("metadata") or {}).get("labels") or {}

    def _pod(self, request: AdmissionRequest, labels: dict[str, str]) -> None:
        pod = request.object
        assert pod is not None
        policy = policy_of(labels, "enforce")
        found = violations(policy.level, pod.get("metadata") or {}, pod.get("spec") or {})
        if found:
            raise refuse(request, f'violates PodSecurity "{policy}": {", ".join(str(v) for v in found)}')
        _warn(request, labels, pod)

    def _namespace(self, request: AdmissionRequest) -> None:
        """Labels must make sense; Pods that would not pass a stricter level are named to the client."""
        assert request.object is not None
        labels = request.object["metadata"].get("labels") or {}
        errors = label_errors(labels)
        old_labels = ((request.old_object or {}).get("metadata") or {}).get("labels") or {}
        if errors and {k: v for k, v in labels.items() if k.startswith(PREFIX)} != {
            k: v for k, v in old_labels.items() if k.startswith(PREFIX)
        }:
            raise Invalid.of("", "Namespace", request.name, errors)
        policy = policy_of(labels, "enforce")
        if request.operation == UPDATE and policy != policy_of(old_labels, "enforce") and policy.level != "privileged":
            self._warn_of_existing(request, policy)

    def _warn_of_existing(self, request: AdmissionRequest, policy: Policy) -> None:
        by_reasons: dict[str, list[str]] = {}
        for pod in self._reader.list("", "pods", request.name):
            found = violations(policy.level, pod["metadata"], pod["spec"])
            if found:
                by_reasons.setdefault(", ".join(v.reason for v in found), []).append(pod["metadata"]["name"])
        if not by_reasons:
            return
        say = f'existing pods in namespace "{request.name}" violate the new PodSecurity enforce level "{policy}"'
        request.warnings.append(say)
        for reasons, names in sorted(by_reasons.items(), key=lambda item: min(item[1])):
            first, others = min(names), len(names) - 1
            more = f" (and {others} other pod{'s' if others > 1 else ''})" if others else ""
            request.warnings.append(f"{first}{more}: {reasons}")


def _warn(request: AdmissionRequest, labels: dict[str, str], holder: Object) -> None:
    policy = policy_of(labels, "warn")
    found = violations(policy.level, holder.get("metadata") or {}, holder.get("spec") or {})
    if found:
        request.warnings.append(f'would violate PodSecurity "{policy}": {", ".join(str(v) for v in found)}')


def policy_of(labels: dict[str, str], mode: str) -> Policy:
    """A level that cannot be understood is taken as the strictest, as upstream."""
    level = labels.get(PREFIX + mode, "privileged")
    version = labels.get(f"{PREFIX}{mode}-version", "latest")
    return Policy(level if level in LEVELS else "restricted", version if _VERSION.match(version) else "latest")


def label_errors(labels: dict[str, str]) -> list[FieldError]:
    errors = []
    for mode in ("enforce", "audit", "warn"):
        level, version = labels.get(PREFIX + mode), labels.get(f"{PREFIX}{mode}-version")
        path = Path("metadata", "labels")
        if level is not None and level not in LEVELS:
            errors.append(invalid(path.key(PREFIX + mode), level, f"must be one of {', '.join(LEVELS)}"))
        if version is not None and not _VERSION.match(version):
            errors.append(invalid(path.key(f"{PREFIX}{mode}-version"), version, 'must be "latest" or "v1.x"'))
    return errors


def _template(obj: Object, path: tuple[str, ...]) -> Object | None:
    found: Any = obj
    for step in path:
        found = (found or {}).get(step)
    return found if isinstance(found, dict) else None
