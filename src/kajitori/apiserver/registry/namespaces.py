"""Namespaces: their finalizer, and `finalize`, by which the namespace controller lets one go.

A Namespace has its own life: deleting it marks it Terminating; it goes once `spec.finalizers` is empty.
May import: api.core.validation, hooks, deps, registry.body, machinery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.api.core import validation
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.hooks import RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.registry.body import read_object
from kajitori.machinery.errors import Invalid

Object = dict[str, Any]


class NamespaceHooks(RegistryHooks):
    """The subresource `finalize`."""

    def __init__(self, deps: ServerDeps) -> None:
        self._deps = deps

    def subresources(self) -> Mapping[str, SubresourceHandler]:
        return {"finalize": self.finalize}

    async def finalize(self, request: SubresourceRequest) -> Object:
        """Take over spec.finalizers; the registry removes a Namespace that is deleted and has none left."""
        wanted = await read_object(request, "Namespace")
        finalizers = list((wanted.get("spec") or {}).get("finalizers") or ())
        errors = validation.finalized(finalizers)
        if errors:
            raise Invalid.of("", "Namespace", request.info.name, errors)

        def change(namespace: Object) -> None:
            namespace.setdefault("spec", {})["finalizers"] = finalizers

        return await self._deps.writer.guaranteed_update(
            "",
            "namespaces",
            "",
            request.info.name,
            change,
            subresource="finalize",
            user=request.user,
            dry_run=request.dry_run,
        )
