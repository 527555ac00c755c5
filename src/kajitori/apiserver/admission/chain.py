"""The chain: every plugin that cares for a resource and operation, first all mutations, then all validations.

When a webhook has changed the object, all mutations happen once more (of the webhooks those that asked for it).

Which plugins care is worked out once per (resource, subresource, operation) and remembered; a resource that none cares
for costs one dictionary look-up. May import: admission_types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import AdmissionPlugin, AdmissionRequest

_Key = tuple[str, str, str, str]


class PluginChain:
    """Plugins run in the order given, each awaited before the next; the first refusal ends the request."""

    def __init__(self, plugins: Sequence[AdmissionPlugin]) -> None:
        self.plugins = tuple(plugins)
        self._mutating: dict[_Key, tuple[AdmissionPlugin, ...]] = {}
        self._validating: dict[_Key, tuple[AdmissionPlugin, ...]] = {}

    def wants(self, resource: Resource, subresource: str, operation: str) -> bool:
        """Whether any plugin would look at such a request."""
        key = (resource.group, resource.plural, subresource, operation)
        if key not in self._mutating:
            self._select(resource, key)
        return bool(self._mutating[key] or self._validating[key])

    async def admit(self, request: AdmissionRequest) -> None:
        """All mutations, and the second round if a webhook asks for it; `request.object` changes in place."""
        plugins = self._of(self._mutating, request)
        for plugin in plugins:
            await plugin.admit(request)
        again = request.reinvocation
        if again is not None and again.needed:
            again.second_round = True
            for plugin in plugins:
                await plugin.admit(request)

    async def validate(self, request: AdmissionRequest) -> None:
        """All validations; the object is final now."""
        for plugin in self._of(self._validating, request):
            await plugin.validate(request)

    async def run(self) -> None:
        """Serve until cancelled: what plugins hold open is closed then."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            for plugin in self.plugins:
                close = getattr(plugin, "close", None)
                if close is not None:
                    await close()

    def _of(
        self, table: dict[_Key, tuple[AdmissionPlugin, ...]], request: AdmissionRequest
    ) -> Sequence[AdmissionPlugin]:
        resource = request.resource
        key = (resource.group, resource.plural, request.subresource, request.operation)
        if key not in table:
            self._select(resource, key)
        return table[key]

    def _select(self, resource: Resource, key: _Key) -> None:
        subresource, operation = key[2], key[3]
        caring = [p for p in self.plugins if operation in p.operations and p.handles(resource, subresource)]
        base = AdmissionPlugin
        self._mutating[key] = tuple(p for p in caring if type(p).admit is not base.admit)
        self._validating[key] = tuple(p for p in caring if type(p).validate is not base.validate)
