"""Small plugins that are off unless --enable-admission-plugins names them. May import: admission_types, deps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import AlreadyExists, NotFound, StatusError

Object = dict[str, Any]
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_HOSTNAME = "kubernetes.io/hostname"


def is_pod(resource: Resource) -> bool:
    """Whether it is core/v1's Pods, of any version that is served."""
    return (resource.group, resource.plural) == ("", "pods")


class AlwaysAdmit(AdmissionPlugin):
    """Does nothing; upstream keeps the name for old command lines."""

    name: ClassVar[str] = "AlwaysAdmit"
    operations: ClassVar[frozenset[str]] = frozenset()


class AlwaysDeny(AdmissionPlugin):
    """Refuses everything but the server's own writes."""

    name: ClassVar[str] = "AlwaysDeny"

    async def validate(self, request: AdmissionRequest) -> None:
        if request.user is not LOOPBACK_USER:
            raise refuse(request, "admission control is denying all modifications")


class AlwaysPullImages(AdmissionPlugin):
    """Images are pulled for every Pod, so that who may not pull one cannot run it where it happens to be."""

    name: ClassVar[str] = "AlwaysPullImages"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return is_pod(resource) and subresource in ("", "ephemeralcontainers")

    async def admit(self, request: AdmissionRequest) -> None:
        for field in _CONTAINERS:
            for container in (request.object or {}).get("spec", {}).get(field) or ():
                container["imagePullPolicy"] = "Always"

    async def validate(self, request: AdmissionRequest) -> None:
        for field in _CONTAINERS:
            for index, container in enumerate((request.object or {}).get("spec", {}).get(field) or ()):
                if container.get("imagePullPolicy") != "Always":
                    given = container.get("imagePullPolicy") or ""
                    why = f'spec.{field}[{index}].imagePullPolicy: Unsupported value: "{given}": supported values: '
                    raise refuse(request, why + '"Always"')


class NamespaceAutoProvision(AdmissionPlugin):
    """A namespace that is missing is made. It runs before NamespaceLifecycle."""

    name: ClassVar[str] = "NamespaceAutoProvision"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader, self._writer = deps.reader, deps.writer

    def handles(self, resource: Resource, subresource: str) -> bool:
        return resource.namespaced

    async def admit(self, request: AdmissionRequest) -> None:
        name = request.namespace
        if not name or request.dry_run or self._reader.get("", "namespaces", "", name) is not None:
            return
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        try:
            await self._writer.create("", "namespaces", namespace)
        except AlreadyExists:
            return
        except StatusError as error:
            raise refuse(request, error.message) from error


class NamespaceExists(AdmissionPlugin):
    """Refuses what is made in a namespace that is not there."""

    name: ClassVar[str] = "NamespaceExists"

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        return resource.namespaced

    async def validate(self, request: AdmissionRequest) -> None:
        if request.namespace and self._reader.get("", "namespaces", "", request.namespace) is None:
            raise NotFound.of("", "namespaces", request.namespace)


class ExtendedResourceToleration(AdmissionPlugin):
    """Pods that ask for extended resources tolerate the taints by which nodes with these keep others away."""

    name: ClassVar[str] = "ExtendedResourceToleration"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return is_pod(resource) and not subresource

    async def admit(self, request: AdmissionRequest) -> None:
        spec = (request.object or {}).get("spec") or {}
        tolerations = spec.get("tolerations") or []
        wanted = [{"key": name, "operator": "Exists"} for name in sorted(set(extended_resources(spec)))]
        missing = [toleration for toleration in wanted if toleration not in tolerations]
        if missing:
            spec["tolerations"] = [*tolerations, *missing]


def extended_resources(spec: Object) -> Iterator[str]:
    """Names of a domain of their own, such as `example.com/gpu`, among the requested resources."""
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or ():
            for name in (container.get("resources") or {}).get("requests") or ():
                domain = name.partition("/")[0] if "/" in name else ""
                if domain and not domain.endswith("kubernetes.io") and not name.startswith("requests."):
                    yield name


class LimitPodHardAntiAffinityTopology(AdmissionPlugin):
    """Required anti-affinity may name no topology but the host."""

    name: ClassVar[str] = "LimitPodHardAntiAffinityTopology"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return is_pod(resource) and not subresource

    async def validate(self, request: AdmissionRequest) -> None:
        affinity = ((request.object or {}).get("spec") or {}).get("affinity") or {}
        anti = affinity.get("podAntiAffinity") or {}
        for term in anti.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
            key = term.get("topologyKey")
            if key != _HOSTNAME:
                raise refuse(
                    request,
                    "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey "
                    f"{key} but only key {_HOSTNAME} is allowed",
                )


class DenyServiceExternalIPs(AdmissionPlugin):
    """No new external IPs on Services; those that are there may stay or go."""

    name: ClassVar[str] = "DenyServiceExternalIPs"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) == ("", "services", "")

    async def validate(self, request: AdmissionRequest) -> None:
        wanted = ((request.object or {}).get("spec") or {}).get("externalIPs") or ()
        before = ((request.old_object or {}).get("spec") or {}).get("externalIPs") or ()
        if any(ip not in before for ip in wanted):
            raise refuse(request, "Use of external IPs is denied by admission control.")
