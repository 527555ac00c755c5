"""Keeps APIServices true: registers our own groups and the custom resources', and says of every one whether it answers.

A round looks at everything there is. It is run when an APIService or CustomResourceDefinition changes, when a Service
or EndpointSlice changes in a namespace where an extension server lives, and, while there are extension servers, every
30 s (every second at first for those that fail, then more rarely). Without any it sleeps.
May import: deps, cache.partition, aggregation.*, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from kajitori.aiokit.backoff import Backoff
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.aggregation import services
from kajitori.apiserver.aggregation.knowledge import Knowledge
from kajitori.apiserver.aggregation.proxy import AggregatedProxy
from kajitori.apiserver.aggregation.remote import RemoteError, Remotes
from kajitori.apiserver.aggregation.resolve import obstacle
from kajitori.apiserver.aggregation.services import condition
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.events import Change
from kajitori.apiserver.deps import ServerDeps
from kajitori.machinery.errors import StatusError
from kajitori.machinery.times import format_time

Object = dict[str, Any]
CHECK_EVERY_S = 30.0
LEARN_EVERY_S = 60.0
SETTLE_S = 0.05
_ATTEMPTS = 3
_WRITES_AT_A_TIME = 8
log = get_logger(__name__)


class AggregationController:
    """Runs the rounds; what they find goes into the APIServices' conditions and into `Knowledge`."""

    def __init__(
        self, deps: ServerDeps, cacher: Cacher, proxy: AggregatedProxy, remotes: Remotes, knowledge: Knowledge
    ) -> None:
        self._deps, self._cacher = deps, cacher
        self._proxy, self._remotes, self._knowledge = proxy, remotes, knowledge
        self._wanted = asyncio.Event()
        self._learned_at: dict[str, float] = {}
        self._checked: dict[str, bool] = {}
        self._pauses = Backoff(1.0, max_s=CHECK_EVERY_S)

    async def run(self) -> None:
        """Serve until cancelled."""
        listening = list(self._listen())
        self._proxy.refresh()
        try:
            while True:
                self._wanted.clear()
                await self._round()
                await self._pause()
        finally:
            for stop in listening:
                stop()

    def _listen(self) -> Iterable[Callable[[], None]]:
        yield self._on(services.GROUP, services.PLURAL, self._service_changed)
        yield self._on("apiextensions.k8s.io", "customresourcedefinitions", self._crd_changed)
        yield self._on("", "services", self._neighbour_changed)
        yield self._on("discovery.k8s.io", "endpointslices", self._neighbour_changed)

    def _on(self, group: str, plural: str, listener: Callable[[Change], None]) -> Callable[[], None]:
        resource = next(r for r in self._deps.scheme.resources() if (r.group, r.plural) == (group, plural))
        listeners = self._cacher.partition(resource).listeners
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def _service_changed(self, change: Change) -> None:
        self._proxy.refresh()
        self._knowledge.forget()
        self._wanted.set()

    def _crd_changed(self, change: Change) -> None:
        self._wanted.set()
        # what is served follows a moment after its definition
        asyncio.get_running_loop().call_later(1.0, self._wanted.set)

    def _neighbour_changed(self, change: Change) -> None:
        for service in self._proxy.remote_services:
            if f"/{service['spec']['service'].get('namespace')}/" in change.key:
                self._wanted.set()
                return

    async def _pause(self) -> None:
        """Until there is something to do; then a moment more, as changes come in flocks."""
        remotes = self._proxy.remote_services
        timeout = None
        if remotes:
            failing = not all(self._checked.get(s["metadata"]["name"]) for s in remotes)
            if not failing:
                self._pauses.reset()
            timeout = self._pauses.next() if failing else CHECK_EVERY_S
        try:
            async with asyncio.timeout(timeout):
                await self._wanted.wait()
        except TimeoutError:
            return
        await asyncio.sleep(SETTLE_S)

    async def _round(self) -> None:
        gate = asyncio.Semaphore(_WRITES_AT_A_TIME)

        async def one(work: Any) -> None:
            async with gate:
                try:
                    await work
                except StatusError as error:  # somebody else was faster, or the store is away: the next round sees
                    log.v(1).info("keeping APIServices failed, will look again", err=error.message)
                    asyncio.get_running_loop().call_later(1.0, self._wanted.set)

        async with asyncio.TaskGroup() as tasks:
            for work in [*self._registering(), *self._judging()]:
                tasks.create_task(one(work))

    # our own

    def _registering(self) -> Iterable[Any]:
        """What is missing, and what stands for a custom resource that is gone."""
        wanted = {s["metadata"]["name"]: s for s in services.local_services(self._deps.scheme.resources())}
        present = {s["metadata"]["name"]: s for s in self._all()}
        for name, service in wanted.items():
            current = present.get(name)
            if current is None:
                yield self._create(service)
            elif services.is_automanaged(current) and current.get("spec") != service["spec"]:
                yield self._correct(name, service)
        for name, current in present.items():
            if name not in wanted and services.is_automanaged(current) and not services.is_remote(current):
                yield self._deps.writer.delete(services.GROUP, services.PLURAL, "", name)

    async def _create(self, service: Object) -> None:
        await self._deps.writer.create(services.GROUP, services.PLURAL, service)

    async def _correct(self, name: str, service: Object) -> None:
        def change(obj: Object) -> None:
            obj["spec"] = service["spec"]

        await self._deps.writer.guaranteed_update(services.GROUP, services.PLURAL, "", name, change)

    def _all(self) -> Iterable[Object]:
        return self._deps.reader.list(services.GROUP, services.PLURAL)

    # whether they answer

    def _judging(self) -> Iterable[Any]:
        for service in self._all():
            if services.is_remote(service):
                yield self._judge(service)
            elif not services.available(service):
                yield self._tell(service, services.LOCAL)

    async def _judge(self, service: Object) -> None:
        name = service["metadata"]["name"]
        found = obstacle(self._deps.reader, service["spec"]["service"]) or await self._ask(service)
        self._checked[name] = found["status"] == "True"
        await self._tell(service, found)
        now = self._deps.clock.monotonic()
        if not self._checked[name]:
            self._learned_at.pop(name, None)
        elif now - self._learned_at.get(name, -LEARN_EVERY_S) >= LEARN_EVERY_S:
            self._learned_at[name] = now
            await self._knowledge.learn(service)

    async def _ask(self, service: Object) -> Object:
        """Any of several tries will do, as upstream: connections to a starting server fail now and then."""
        path, last = services.discovery_path(service), ""
        for _ in range(_ATTEMPTS):
            try:
                answer = await self._remotes.get(service, path)
            except RemoteError as error:
                last = f"failing or missing response from {_url(error, path)}: {error}"
                if "context deadline exceeded" in last:
                    break
                continue
            if 200 <= answer.status < 300:
                return services.PASSED
            last = f"failing or missing response from {answer.url}: bad status from {answer.url}: {answer.status}"
        return condition("False", "FailedDiscoveryCheck", last)

    async def _tell(self, service: Object, found: Object) -> None:
        now = format_time(self._deps.clock.now())

        def change(obj: Object) -> bool:
            return services.set_condition(obj, found, now)

        name = service["metadata"]["name"]
        if not change({"status": {"conditions": list((service.get("status") or {}).get("conditions") or ())}}):
            return
        if services.available(service) and found["status"] != "True":
            self._deps.metrics.unavailable.inc(name, found["reason"])
        await self._deps.writer.guaranteed_update(
            services.GROUP, services.PLURAL, "", name, change, subresource="status"
        )


def _url(error: RemoteError, path: str) -> str:
    """The URL that failed, as the error quotes it."""
    return str(error).partition('"')[2].partition('"')[0] or path
