"""The chain: every plugin that cares for a resource and operation, first all mutations, then all validations.

When a webhook has changed the object, all mutations happen once more (of the webhooks those that asked for it).

Which plugins care is worked out once per (resource, subresource, operation) and remembered; a resource that none cares
for costs one dictionary look-up. May import: admission_types, metrics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from kajitori.aiokit.metrics import Series
from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.metrics import Metrics

_Key = tuple[str, str, str, str]
_Step = tuple[tuple[Callable[[AdmissionRequest], Awaitable[None]], str, Series], ...]
"""For each plugin that cares: its hook, its name, and where the time that it takes is counted."""


class PluginChain:
    """Plugins run in the order given, each awaited before the next; the first refusal ends the request."""

    def __init__(self, plugins: Sequence[AdmissionPlugin], metrics: Metrics | None = None) -> None:
        self.plugins = tuple(plugins)
        self._metrics = metrics or Metrics()
        self._mutating: dict[_Key, _Step] = {}
        self._validating: dict[_Key, _Step] = {}

    def wants(self, resource: Resource, subresource: str, operation: str) -> bool:
        """Whether any plugin would look at such a request."""
        key = (resource.group, resource.plural, subresource, operation)
        if key not in self._mutating:
            self._select(resource, key)
        return bool(self._mutating[key] or self._validating[key])

    async def admit(self, request: AdmissionRequest) -> None:
        """All mutations, and the second round if a webhook asks for it; `request.object` changes in place."""
        step = self._of(self._mutating, request)
        await self._take(step, request, "admit")
        again = request.reinvocation
        if again is not None and again.needed:
            again.second_round = True
            await self._take(step, request, "admit")

    async def validate(self, request: AdmissionRequest) -> None:
        """All validations; the object is final now."""
        await self._take(self._of(self._validating, request), request, "validate")

    async def _take(self, step: _Step, request: AdmissionRequest, kind: str) -> None:
        """One hook after the other. Who ends is who the next one's time begins with, so the clock is read once each."""
        began = before = perf_counter()
        steps = self._metrics.admission_steps
        for hook, name, series in step:
            try:
                await hook(request)
            except Exception:
                now = perf_counter()
                self._metrics.admission_plugins.observe(now - before, name, kind, request.operation, "true")
                steps.observe(now - began, kind, request.operation, "true")
                raise
            now = perf_counter()
            series.observe(now - before)
            before = now
        steps.observe(before - began, kind, request.operation, "false")

    async def run(self) -> None:
        """Serve until cancelled: what plugins hold open is closed then."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            for plugin in self.plugins:
                close = getattr(plugin, "close", None)
                if close is not None:
                    await close()

    def _of(self, table: dict[_Key, _Step], request: AdmissionRequest) -> _Step:
        resource = request.resource
        key = (resource.group, resource.plural, request.subresource, request.operation)
        if key not in table:
            self._select(resource, key)
        return table[key]

    def _select(self, resource: Resource, key: _Key) -> None:
        subresource, operation = key[2], key[3]
        caring = [p for p in self.plugins if operation in p.operations and p.handles(resource, subresource)]
        base, seconds = AdmissionPlugin, self._metrics.admission_plugins.series
        self._mutating[key] = tuple(
            (p.admit, p.name, seconds(p.name, "admit", operation, "false"))
            for p in caring
            if type(p).admit is not base.admit
        )
        self._validating[key] = tuple(
            (p.validate, p.name, seconds(p.name, "validate", operation, "false"))
            for p in caring
            if type(p).validate is not base.validate
        )
