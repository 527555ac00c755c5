"""What controllers have in common: a queue of keys, workers, retries. A controller says how to reconcile one key.

    class Sandwiches(Controller):
        name = "sandwich"
        def __init__(self, context): ...; self.watch(context.informers.of(Bread), key_of)
        async def reconcile(self, key): ...

`reconcile` sees a key and never an event: it looks at the world and makes it so, and may run again at any time. One key
is worked on by one worker at a time. If it raises, that is logged and tried again with growing pauses.
May import: client, machinery, aiokit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.aiokit.services import Background, forever
from kajitori.aiokit.workqueue import WorkQueue
from kajitori.client.discovery import Discovery
from kajitori.client.events import EventRecorder
from kajitori.client.informer import Informer
from kajitori.client.informers import Informers
from kajitori.client.objects import ObjectKey, key_of
from kajitori.client.rest import Client
from kajitori.machinery.errors import AlreadyExists, Conflict, NotFound, StatusError

log = get_logger(__name__)
Kind = TypeVar("Kind")
KeyOf = Callable[[Any], "ObjectKey | Iterable[ObjectKey] | None"]


@dataclass(frozen=True)
class Result:
    """What to do with the key next: nothing, or look again after a while."""

    requeue_after_s: float | None = None


DONE = Result()


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the controllers' flags say."""

    root_ca: str = ""
    service_account_key_file: str = ""
    cluster_cidr: str = ""
    service_cidr: str = ""
    allocate_node_cidrs: bool = False
    node_cidr_mask_size_ipv4: int = 24
    node_cidr_mask_size_ipv6: int = 64
    node_monitor_grace_period_s: float = 50.0
    terminated_pod_gc_threshold: int = 12500
    max_endpoints_per_slice: int = 100
    signing_files: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # signer, "" for all → certificate, key
    signing_duration_s: float = 365 * 86400.0


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every controller is built from."""

    client: Client
    informers: Informers
    discovery: Discovery
    client_for: Callable[[str], Client] | None = None  # account → client; None: all act with `client`
    options: Options = field(default_factory=Options)
    clock: Clock = field(default_factory=RealClock)


class Controller:
    """Base of all. A subclass names itself, says in `__init__` what it watches, and reconciles."""

    name: ClassVar[str]
    component: ClassVar[str] = ""  # the source of its events
    account: ClassVar[str] = ""  # the ServiceAccount in kube-system that upstream's roles are bound to
    workers: ClassVar[int] = 5

    def __init__(self, context: Context) -> None:
        self.context = context
        self.client, self.clock, self.options = context.client, context.clock, context.options
        if context.client_for is not None:
            self.client = context.client_for(self.account or self.name)
        self.queue: WorkQueue[ObjectKey] = WorkQueue(self.name, context.clock)
        self.recorder = EventRecorder(self.client, self.component or self.name, clock=context.clock)
        self.informers: list[Informer[Any]] = []
        self.background = Background(self.name)

    async def reconcile(self, key: ObjectKey) -> Result:
        """Makes what this key names as it should be; may run at any time and again, for one key never twice at once.

        Whatever it raises is tried again with backoff: Conflict, AlreadyExists and NotFound (an old view) quietly.
        """
        raise NotImplementedError

    def watch(self, informer: Informer[Kind], keys: KeyOf = key_of) -> Informer[Kind]:
        """Queues the keys that `keys` finds for an object, whenever that changes; for an update in both its states."""

        def changed(*objects: Kind) -> None:
            for obj in objects:
                self.enqueue(keys(obj))

        return self.use(informer, on_add=changed, on_update=changed, on_delete=changed)

    def use(self, informer: Informer[Kind], **handlers: Any) -> Informer[Kind]:
        """Waits for the informer before starting, and adds handlers if given."""
        if informer not in self.informers:
            self.informers.append(informer)
        if handlers:
            informer.add_handler(**handlers)
        return informer

    def enqueue(self, keys: ObjectKey | Iterable[ObjectKey] | None) -> None:
        """Puts one key, several or none into the queue; a key that waits already is not put in twice."""
        if keys is None:
            return
        if isinstance(keys, ObjectKey):
            self.queue.add(keys)
            return
        for key in keys:
            self.queue.add(key)

    async def run(self) -> None:
        """Serves until cancelled: first the caches, then the workers."""
        for informer in self.informers:
            await informer.synced()
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self.workers):
                    group.create_task(forever(self._work(), self.name), name=f"{self.name} worker {number}")
                for name, service in self.companions():
                    group.create_task(forever(service, name), name=name)
        finally:
            await self.background.stop()
            await self.recorder.close(timeout_s=0.5)

    def companions(self) -> Iterable[tuple[str, Any]]:
        """Further coroutines to run beside the workers: (name, coroutine)."""
        return ()

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._handle(key)
            finally:
                self.queue.done(key)

    async def _handle(self, key: ObjectKey) -> None:
        try:
            result = await self.reconcile(key)
        except (Conflict, AlreadyExists, NotFound) as error:  # our view was old: look again
            log.v(2).info(
                "view was out of date, will look again", controller=self.name, key=str(key), err=describe(error)
            )
            self.queue.add_rate_limited(key)
        except (StatusError, OSError) as error:
            log.info("reconciling failed, will try again", controller=self.name, key=str(key), err=describe(error))
            self.queue.add_rate_limited(key)
        except Exception as error:  # noqa: BLE001 - one bad object must not stop the controller
            log.error("reconciling failed, will try again", error, controller=self.name, key=str(key))
            self.queue.add_rate_limited(key)
        else:
            self.queue.forget(key)
            if result.requeue_after_s is not None:
                self.queue.add_after(key, result.requeue_after_s)


def is_namespace_terminating(error: StatusError) -> bool:
    """Creation was refused because the namespace goes away: nothing to retry."""
    return error.has_cause("NamespaceTerminating")
