"""NamespaceLifecycle: nothing new in a namespace that is missing or going away, and four namespaces never go.

Reads the watch cache, which is as fresh as this server's last write. May import: admission_types, deps.
"""

from __future__ import annotations

from typing import ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, DELETE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import NotFound

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


class NamespaceLifecycle(AdmissionPlugin):
    """Refuses as upstream does: 404 for a namespace that is missing, 403 for one that goes away."""

    name: ClassVar[str] = "NamespaceLifecycle"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE, DELETE})

    def __init__(self, deps: ServerDeps) -> None:
        self._reader = deps.reader

    def handles(self, resource: Resource, subresource: str) -> bool:
        # Asking what one may do is harmless anywhere.
        return resource.plural != "localsubjectaccessreviews"

    async def admit(self, request: AdmissionRequest) -> None:
        if (request.resource.group, request.resource.plural) == ("", "namespaces"):
            if request.operation == DELETE and not request.subresource and request.name in IMMORTAL:
                raise refuse(request, "this namespace may not be deleted")
            return
        if not request.resource.namespaced or request.operation == DELETE:
            return
        namespace = self._reader.get("", "namespaces", "", request.namespace)
        if namespace is None:
            raise NotFound.of("", "namespaces", request.namespace)
        if request.operation != CREATE or (namespace.get("status") or {}).get("phase") != "Terminating":
            return
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {request.namespace} is being terminated",
            "field": "metadata.namespace",
        }
        why = f"unable to create new content in namespace {request.namespace} because it is being terminated"
        raise refuse(request, why, [cause])
