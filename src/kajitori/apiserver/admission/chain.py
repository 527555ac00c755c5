"""The chain: every plugin that cares for a resource and operation, first all mutations, then all validations.

When a webhook has changed the object, all mutations happen once more (of the webhooks those that asked for it).

Which plugins care is worked out once per (resource, subresource, operation) and remembered; a resource that none cares
for costs one dictionary look-up. May import: admission_types, metrics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from kajitori.api.registration import Resource
from kajitori.apiserver.admission_types import AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.steps import StepTimes

_Key = tuple[str, str, str, str]
_Hook = Callable[[AdmissionRequest], Awaitable[None]]


class _Step:
    """The plugins that care for a case: their hooks, their names, and where it is noted how long they take."""

    __slots__ = ("hooks", "names", "times")

    def __init__(self, hooks: Sequence[_Hook], names: Sequence[str], times: StepTimes) -> None:
        self.hooks, self.names, self.times = tuple(hooks), tuple(names), times


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
        return bool(self._mutating[key].hooks or self._validating[key].hooks)

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
        """One hook after the other. One's end is the next one's beginning, so the clock is read once for each."""
        times = [perf_counter()]
        try:
            for hook in step.hooks:
                await hook(request)
                times.append(perf_counter())
        except Exception:
            self._refused(step, request, kind, times)
            raise
        step.times.add(times)

    def _refused(self, step: _Step, request: AdmissionRequest, kind: str, times: list[float]) -> None:
        now, case = perf_counter(), (kind, request.operation, "true")
        self._metrics.admission_plugins.observe(now - times[-1], step.names[len(times) - 1], *case)
        self._metrics.admission_steps.observe(now - times[0], *case)

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
        base = AdmissionPlugin
        self._mutating[key] = self._step([p for p in caring if type(p).admit is not base.admit], "admit", operation)
        checking = [p for p in caring if type(p).validate is not base.validate]
        self._validating[key] = self._step(checking, "validate", operation)

    def _step(self, plugins: Sequence[AdmissionPlugin], kind: str, operation: str) -> _Step:
        names = [plugin.name for plugin in plugins]
        hooks = [plugin.admit if kind == "admit" else plugin.validate for plugin in plugins]
        return _Step(hooks, names, self._metrics.step(names, kind, operation))
