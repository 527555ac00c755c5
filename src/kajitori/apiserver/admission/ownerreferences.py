"""OwnerReferencesPermissionEnforcement: who changes an object's owners must be allowed to delete it, and who makes a
reference block its owner's deletion must be allowed to set the owner's finalizers. Off by default, as upstream.

May import: admission_types, attributes, deps.
"""

from __future__ import annotations

from typing import Any, ClassVar

from kajitori.api.registration import Resource
from kajitori.api.scheme import split_api_version
from kajitori.apiserver.admission.refusal import refuse
from kajitori.apiserver.admission_types import CREATE, UPDATE, AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.attributes import Attributes, Authorizer
from kajitori.apiserver.deps import ServerDeps

Object = dict[str, Any]
_PODS_STATUS = ("", "pods", "status")


class OwnerReferencesPermissionEnforcement(AdmissionPlugin):
    """Without an authorizer nothing is refused."""

    name: ClassVar[str] = "OwnerReferencesPermissionEnforcement"
    operations: ClassVar[frozenset[str]] = frozenset({CREATE, UPDATE})

    def __init__(self, deps: ServerDeps, authorizer: Authorizer | None) -> None:
        self._scheme, self._authorizer = deps.scheme, authorizer

    def handles(self, resource: Resource, subresource: str) -> bool:
        return (resource.group, resource.plural, subresource) != _PODS_STATUS

    async def validate(self, request: AdmissionRequest) -> None:
        new, old = owners(request.object), owners(request.old_object)
        if new == old or (not new and not old):
            return
        if request.operation == UPDATE and not await self._allowed(request, self._deletion(request)):
            raise refuse(request, "cannot set an ownerRef on a resource you can't delete: ")
        before = {owner.get("uid") for owner in old if owner.get("blockOwnerDeletion")}
        for owner in new:
            if owner.get("blockOwnerDeletion") and owner.get("uid") not in before:
                await self._check_block(request, owner)

    def _deletion(self, request: AdmissionRequest) -> Attributes:
        resource = request.resource
        return Attributes(
            request.user,
            "delete",
            is_resource_request=True,
            group=resource.group,
            version=resource.version,
            resource=resource.plural,
            namespace=request.namespace,
            name=request.name,
        )

    async def _check_block(self, request: AdmissionRequest, owner: Object) -> None:
        group, version = split_api_version(owner.get("apiVersion") or "")
        resource = self._scheme.by_kind(group, version, owner.get("kind") or "")
        say = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: "
        if resource is None:
            kind, shown = owner.get("kind"), owner.get("apiVersion")
            why = f"cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion {shown} "
            raise refuse(request, f'{why}Kind {kind}: no matches for kind "{kind}" in version "{shown}"')
        asked = Attributes(
            request.user,
            "update",
            is_resource_request=True,
            group=resource.group,
            version=resource.version,
            resource=resource.plural,
            subresource="finalizers",
            namespace=request.namespace if resource.namespaced else "",
            name=owner.get("name") or "",
        )
        if not await self._allowed(request, asked):
            raise refuse(request, say)

    async def _allowed(self, request: AdmissionRequest, attributes: Attributes) -> bool:
        return self._authorizer is None or (await self._authorizer.authorize(attributes)).allowed


def owners(obj: Object | None) -> list[Object]:
    """An object's ownerReferences; empty without an object."""
    return ((obj or {}).get("metadata") or {}).get("ownerReferences") or []
