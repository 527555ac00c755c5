"""APIServer: puts the parts together, listens, becomes ready, and stops in order.

Start: open the cache → build the parts → listen → bootstrap objects → ready. Stop: not ready any more → accept nothing
new, finish what is under way → stop the background tasks. The store belongs to the caller.

May import: everything of apiserver, storage.
"""

import asyncio
import random
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.http.message import Request, StreamResponse
from kajitori.aiokit.http.server import HttpServer
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.metrics import Labels
from kajitori.aiokit.services import forever, retrying
from kajitori.api.scheme import Scheme, builtin
from kajitori.apiserver.access import CacheReader, ObjectWriter
from kajitori.apiserver.aggregation import Aggregation
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.customresources.service import GROUP, PLURAL, CustomResources, DefinitionHooks
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.discovery import Discovery
from kajitori.apiserver.handlers.delete import Deleting
from kajitori.apiserver.handlers.dispatch import Dispatch
from kajitori.apiserver.handlers.read import Reading
from kajitori.apiserver.handlers.scale import Scaling
from kajitori.apiserver.handlers.watch import Watching
from kajitori.apiserver.handlers.write import Writing
from kajitori.apiserver.health import Health, add_server_checks
from kajitori.apiserver.hooks import RegistryHooks
from kajitori.apiserver.listening import listen
from kajitori.apiserver.maintenance import Maintenance, Sweeping
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.sources import (
    add_audit_metrics,
    add_cache_metrics,
    add_server_metrics,
    add_service_metrics,
)
from kajitori.apiserver.objects.store import ObjectStore
from kajitori.apiserver.paths import register_paths
from kajitori.apiserver.pipeline import Pipeline, attributes_of
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.serving.browsers import for_browsers
from kajitori.apiserver.tls import Reloading, server_context
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import ServiceUnavailable, StatusError
from kajitori.storage.interface import Store

if TYPE_CHECKING:
    from kajitori.apiserver.encryption.store import EncryptedStore

log = get_logger("apiserver")
EVENTS = "/registry/events/"
WATCHES_END_S = 1.0


class APIServer:
    """`run()` serves until cancelled; `ready()` returns once /readyz is ok."""

    def __init__(
        self, config: ServerConfig, store: Store, *, clock: Clock | None = None, scheme: Scheme | None = None
    ) -> None:
        self.config = config if config.loopback_token else replace(config, loopback_token=secrets.token_urlsafe(32))
        self.clock = clock or RealClock()
        self.scheme = scheme or builtin()
        self._sealed = sealed = _sealed(self.config, store, self.scheme)
        self.store = store = sealed or store
        self.port = config.secure_port
        self.metrics = Metrics()
        self.health = Health()
        self.cacher = Cacher(store)
        self.objects = ObjectStore(store, self.cacher, self.clock, metrics=self.metrics)
        self.reader = CacheReader(self.scheme, self.cacher)
        self.deps = ServerDeps(
            self.config,
            self.scheme,
            self.clock,
            self.reader,
            ObjectWriter(self.reader, self.objects),
            store if store.shared else None,
            self.metrics,
        )
        if sealed is not None:
            self.objects.is_stale = sealed.is_stale
        self._ready: asyncio.Event = asyncio.Event()
        self._custom: CustomResources | None = None
        self._stopping = False
        self._broken = False
        self._watching: Watching | None = None
        self._services: list[tuple[str, Callable[[], Awaitable[object]]]] = []
        self.pipeline = Pipeline(self.metrics)
        self._http = HttpServer(for_browsers(self.pipeline, config))

    async def ready(self) -> None:
        """Wait until the server answers /readyz with ok."""
        await self._ready.wait()

    async def run(self, sock: socket.socket | None = None) -> None:
        """Serve until cancelled."""
        if self._sealed is not None:
            await self._sealed.start()
        await self.cacher.load(list(self.scheme.resources()))
        is_new = not any(len(self.cacher.partition(resource)) for resource in self.scheme.resources())
        self._build()
        await self._serve_custom_resources()
        http = self._http
        serving = server_context(self.config)
        tls = serving.context
        self._own(Reloading(serving, self.config, self.clock))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self.cacher.run, "watch cache"), name="watch cache")
            listener = sock or listen(self.config)
            self.port = listener.getsockname()[1]
            try:
                if is_new:  # whoever waits for a new server is refused nothing for want of a namespace or a role
                    await self._bootstrap()
                await http.start(listener, tls)
                if not is_new:  # webhooks may have a say, and need the server
                    await self._bootstrap()
                for name, service in self._services:
                    tasks.create_task(self._keep(service, name), name=name)
                self._ready.set()
                log.info("serving securely", address=f"{self.config.bind_address}:{self.port}")
                await asyncio.get_running_loop().create_future()  # until cancelled
            finally:
                await self._stop(http)

    async def _keep(self, service: Callable[[], Awaitable[object]], name: str) -> None:
        """Run a service; where one fails, requests under way may wait for it in vain, so the server stops at once."""
        try:
            await forever(service(), name)
        except Exception:
            self._broken = True
            raise

    async def _stop(self, http: HttpServer) -> None:
        """Not ready, still serving; then nothing new; then all that was accepted is answered, and watches end whole."""
        self._stopping = True
        if self._broken:
            await http.stop(0)
            return
        if self.config.shutdown_delay_duration_s:
            log.info("stopping after a delay", seconds=self.config.shutdown_delay_duration_s)
            await self.clock.sleep(self.config.shutdown_delay_duration_s)
        if self._watching is not None:
            await self._watching.stop(self.config.shutdown_watch_termination_grace_period_s or WATCHES_END_S)
        if self.config.shutdown_send_retry_after:
            self.pipeline.leaving = True
            await http.idle(self.config.request_timeout_s)
        await http.stop(self.config.request_timeout_s, self.config.shutdown_linger_s)

    def _build(self) -> None:
        """Build the parts and plug them into the request path."""
        from kajitori.apiserver.admission import build_admission
        from kajitori.apiserver.authentication import build_authenticator, impersonate, raw_handlers
        from kajitori.apiserver.authorization import build_authorizer
        from kajitori.apiserver.authorization.forbidden import forbidden
        from kajitori.apiserver.proxying import build_proxying
        from kajitori.apiserver.registry import build_registry
        from kajitori.apiserver.registry.addressbook import AddressBook

        pipeline = self.pipeline
        pipeline.request_timeout_s = float(self.config.request_timeout_s)
        pipeline.dispatch = dispatch = self._build_dispatch()
        pipeline.authenticator = authenticator = build_authenticator(self.deps)
        pipeline.authorizer = authorizer = build_authorizer(self.deps)
        pipeline.impersonate = impersonate
        pipeline.refuse = forbidden
        self.objects.admission = dispatch.admission = admission = build_admission(self.deps, authorizer)
        hooks = dict(build_registry(self.deps, authenticator, authorizer))
        self._add_hooks(hooks)
        streams = build_proxying(self.deps)
        dispatch.plug(hooks)
        dispatch.plug_streams(streams)
        for part in (
            authenticator.file,
            authenticator.front_proxy_file,
            authenticator.legacy_tokens,
            authorizer.file,
            admission,
            hooks,
            streams,
        ):
            self._own(part)
        self._own(AddressBook(self.deps, self.cacher))
        add_server_checks(self.health, self.store, self.config, self._ready.is_set)
        self._report_numbers(self._limit())
        self.health.add("shutdown", lambda: "process is shutting down" if self._stopping else "", ready_only=True)
        register_paths(pipeline, self.scheme, Discovery(self.scheme), self.health, self.metrics, self.store)
        pipeline.paths.update(raw_handlers(self.deps))
        pipeline.paths["/kajitori/snapshot"] = self._snapshot
        pipeline.aggregation = aggregation = Aggregation(self.deps, self.cacher)
        aggregation.wrap(pipeline.paths, pipeline.prefixes)
        self._own(aggregation)
        self._keep_sealed()
        self._audit()

    def _build_dispatch(self) -> Dispatch:
        """What serves resources, verb by verb."""
        now, rng = self.clock.now, random.SystemRandom()
        reading = Reading(self.cacher, now, self.metrics)
        watching = Watching(self.cacher, reading, now, self.config.min_request_timeout_s, rng, self.metrics)
        self._watching = watching
        return Dispatch(
            self.scheme,
            reading,
            watching,
            Writing(self.objects),
            Deleting(self.objects, self.cacher, reading),
            Scaling(self.objects, self.cacher),
        )

    def _add_hooks(self, hooks: dict[str, RegistryHooks]) -> None:
        """Complete the registry's hooks with those that need parts of the server; what some sweep is maintenance's."""
        from kajitori.apiserver.registry.componentstatuses import ComponentStatusHooks

        hooks["componentstatuses"] = ComponentStatusHooks(self.store)
        self._custom = custom_resources(self.deps, self.cacher, self.objects, hooks)
        self.objects.hooks = hooks
        sweeps = [hook.sweep for hook in hooks.values() if isinstance(hook, Sweeping)]
        self._own(Maintenance(self.deps, self.store, sweeps, self.cacher.forget, self.expirable_events))

    def _keep_sealed(self) -> None:
        """Where the store encrypts: its keys are followed, and its plugins are asked how they are."""
        if self._sealed is None:
            return
        from kajitori.apiserver.encryption.build import followed_keys

        self._own(self._sealed)
        reload = self.config.encryption_provider_config_automatic_reload
        if reload:
            self._own(followed_keys(self._sealed, self.config.encryption_provider_config, self.clock))
        if reload or self._sealed.kms:
            self.health.add("kms-providers", self._sealed.health)

    def expirable_events(self) -> Iterable[Entry]:
        """The stored Events, of which maintenance deletes what is past its time."""
        partition = self.cacher.find(EVENTS)
        return () if partition is None else partition.entries(EVENTS)

    def _limit(self) -> Callable[[], dict[Labels, float]]:
        """Who waits for whom; returns how many requests are at work."""
        from kajitori.apiserver import flowcontrol

        config, pipeline = self.config, self.pipeline
        if not config.enable_priority_and_fairness:
            pipeline.limiter = limits = flowcontrol.limits(config)
            return limits.in_flight
        built = flowcontrol.build(self.deps, self.cacher, self.metrics.registry)
        pipeline.limiter = built.control
        pipeline.prefixes |= built.paths
        self._own(built.controller)
        for name in flowcontrol.START_HOOKS:
            self.health.add(name, lambda: "" if self._ready.is_set() else "not finished")
        return built.in_flight

    def _report_numbers(self, in_flight: Callable[[], dict[Labels, float]]) -> None:
        """What /metrics reads off the parts."""
        add_cache_metrics(self.metrics.registry, self.scheme, self.cacher)
        add_service_metrics(self.metrics.registry, self.reader)
        add_server_metrics(self.metrics.registry, in_flight, lambda: self._http.handshake_errors)

    def _audit(self) -> None:
        """With a policy, requests are written down."""
        if not self.config.audit_policy_file:
            add_audit_metrics(self.metrics.registry, None)
            return
        from kajitori.apiserver.audit.build import build_auditor

        self.pipeline.audit = auditor = build_auditor(self.config, self.clock, attributes_of, self.metrics, self.scheme)
        add_audit_metrics(self.metrics.registry, auditor)
        if auditor is None:
            return
        self._own(auditor)

    async def _serve_custom_resources(self) -> None:
        if self._custom is not None:
            await self._custom.start()
            self._own(self._custom)

    async def _snapshot(self, request: Request, info: RequestInfo, user: UserInfo) -> StreamResponse:
        """`kajitori snapshot save`: every stored byte, for those whom RBAC lets read this path (cluster-admin)."""
        from kajitori.storage.snapshot import save

        return StreamResponse(save(self.store), content_type="application/x-ndjson")

    def _own(self, part: Any) -> None:
        run = getattr(part, "run", None)
        if run is not None:
            self._services.append((type(part).__name__, run))

    async def _bootstrap(self) -> None:
        from kajitori.apiserver.bootstrap import bootstrap, services

        async def attempt() -> None:
            try:
                await bootstrap(self.deps)
            except ExceptionGroup as group:
                refused, other = group.split(StatusError)
                if refused is None or other is not None:
                    raise
                raise ServiceUnavailable(str(refused.exceptions[0])) from group

        await retrying(attempt, name="bootstrap", retry_on=(StatusError,))
        for service in services(self.deps):
            self._own(service)


def custom_resources(
    deps: ServerDeps, cacher: Cacher, objects: ObjectStore, hooks: dict[str, RegistryHooks]
) -> CustomResources | None:
    """The part that serves custom resources, its hooks plugged in; None where definitions are not served."""
    crds = deps.scheme.by_plural(GROUP, "v1", PLURAL)
    if crds is None:
        return None
    service = CustomResources(deps, cacher, objects, crds)
    hooks[crds.group_resource] = DefinitionHooks(service, deps)
    return service


def _sealed(config: ServerConfig, store: Store, scheme: Scheme) -> "EncryptedStore | None":
    """The store behind encryption, where --encryption-provider-config asks for it. Raises ConfigError."""
    if not config.encryption_provider_config:
        return None
    from kajitori.apiserver.encryption.build import sealed_store

    return sealed_store(config, store, scheme.resources())
