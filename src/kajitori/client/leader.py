"""Leader election by Lease: of several candidates one works, the others wait.

The rules are upstream's: whoever holds the Lease renews it every `retry_period_s`; one that could not renew for
`renew_deadline_s` stops working before others may take over, which they do when they have seen no renewal for
`lease_duration_s` by their own clock (clocks of different machines are never compared).
May import: client.raw, machinery.{errors,times}, aiokit, orjson.
"""

from __future__ import annotations

import asyncio
import random
import socket
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from kajitori.aiokit.clock import Clock, RealClock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.client.metrics import LEADING
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import Conflict, NotFound, StatusError

log = get_logger(__name__)
JITTER = 1.2
UNREACHABLE_PAUSE_S = 0.3  # a server that is just starting: whoever comes first may lead


class LeadershipLost(RuntimeError):
    """The Lease could not be renewed in time: whoever led must stop at once, usually by ending the process."""


def default_identity() -> str:
    """Different for each process, as upstream makes it."""
    return f"{socket.gethostname()}_{uuid.uuid4()}"


class LeaderElector:
    """One candidate; durations as upstream's flags have them by default."""

    def __init__(
        self,
        client: RawClient,
        *,
        namespace: str = "kube-system",
        name: str,
        identity: str = "",
        lease_duration_s: float = 15,
        renew_deadline_s: float = 10,
        retry_period_s: float = 2,
        release_on_cancel: bool = True,
        on_elected: Callable[[str], object] | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not lease_duration_s > renew_deadline_s > JITTER * retry_period_s:
            raise ValueError("leaseDuration must be greater than renewDeadline, and that than retryPeriod*JitterFactor")
        self.identity = identity or default_identity()
        self.is_leader = False
        self._client, self._name = client, name
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._namespace = namespace
        self._lease_duration_s, self._renew_deadline_s = lease_duration_s, renew_deadline_s
        self._retry_period_s, self._release_on_cancel = retry_period_s, release_on_cancel
        self._on_elected = on_elected
        self._clock = clock or RealClock()
        self._lease: dict[str, Any] | None = None  # as last read or written
        self._unreachable = False
        self._seen: tuple[str, str] = ("", "")  # holder and renewTime as last observed …
        self._seen_at = float("-inf")  # … and when, by our own clock

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Waits for its turn, then runs `lead` as long as it leads. Raises `LeadershipLost` when that ends."""
        self._tell(leads=False)
        await self._acquire()
        log.info("successfully acquired lease", lease=f"{self._namespace}/{self._name}", identity=self.identity)
        if self._on_elected is not None:
            self._on_elected(f"{self.identity} became leader")
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(self._keep(), name="lease renewal")
                await lead()
                renewing.cancel()
        except BaseExceptionGroup as failed:
            if lost := failed.subgroup(LeadershipLost):
                raise lost.exceptions[0] from None
            raise
        finally:
            await self._release()

    async def _acquire(self) -> None:
        while not await self._try_once():
            pause = min(self._retry_period_s, UNREACHABLE_PAUSE_S) if self._unreachable else self._retry_period_s
            await self._clock.sleep(pause * (1 + (JITTER - 1) * random.random()))
        self._tell(leads=True)

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(self._retry_period_s)
            try:
                async with asyncio.timeout(self._renew_deadline_s):
                    while not await self._try_once():
                        await self._clock.sleep(self._retry_period_s)
            except TimeoutError:
                self._tell(leads=False)
                raise LeadershipLost("leaderelection lost") from None

    def _tell(self, *, leads: bool) -> None:
        self.is_leader = leads
        LEADING.set(1 if leads else 0, self._name)

    async def _try_once(self) -> bool:
        """Takes or renews the Lease if it is ours to take. A failed call counts as "no"."""
        self._unreachable = False
        try:
            if self._lease is None or not self.is_leader:
                self._lease = await self._read()
            if self._lease is not None and not self._may_take(self._lease):
                return False
            self._lease = await self._write(self._lease)
            self._observe(self._lease)
            return True
        except Conflict:
            self._lease = await self._reread()
            return False
        except (StatusError, OSError) as error:
            self._unreachable = isinstance(error, OSError)
            log.v(1).info("failed to acquire or renew the lease", lease=self._name, err=describe(error))
            return False

    def _may_take(self, lease: dict[str, Any]) -> bool:
        self._observe(lease)
        holder = lease["spec"].get("holderIdentity") or ""
        if not holder or holder == self.identity:
            return True
        duration = lease["spec"].get("leaseDurationSeconds") or self._lease_duration_s
        return self._clock.monotonic() - self._seen_at > duration

    def _observe(self, lease: dict[str, Any]) -> None:
        spec = lease.setdefault("spec", {})
        seen = (spec.get("holderIdentity") or "", spec.get("renewTime") or "")
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._clock.monotonic()

    async def _read(self) -> dict[str, Any] | None:
        try:
            response = await self._client.raw(
                "GET", f"{self._collection}/{self._name}", timeout_s=self._renew_deadline_s
            )
        except NotFound:
            return None
        lease: dict[str, Any] = orjson.loads(response.body)
        return lease

    async def _reread(self) -> dict[str, Any] | None:
        try:
            return await self._read()
        except (StatusError, OSError):
            return None

    async def _write(self, lease: dict[str, Any] | None) -> dict[str, Any]:
        now = _micro_time(self._clock)
        spec: dict[str, Any] = dict((lease or {}).get("spec") or {})
        if spec.get("holderIdentity") != self.identity:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = (spec.get("leaseTransitions") or 0) + (1 if lease else 0)
        spec |= {"holderIdentity": self.identity, "leaseDurationSeconds": int(self._lease_duration_s), "renewTime": now}
        return await self._send(lease, spec)

    async def _send(self, lease: dict[str, Any] | None, spec: dict[str, Any]) -> dict[str, Any]:
        if lease is None:
            method, url = "POST", self._collection
            metadata: dict[str, Any] = {"name": self._name, "namespace": self._namespace}
        else:
            method, url, metadata = "PUT", f"{self._collection}/{self._name}", lease["metadata"]
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        response = await self._client.raw(method, url, body=body, timeout_s=self._renew_deadline_s)
        answer: dict[str, Any] = orjson.loads(response.body)
        return answer

    async def _release(self) -> None:
        was_leader, self.is_leader = self.is_leader, False
        if not (was_leader and self._release_on_cancel and self._lease):
            return
        now = _micro_time(self._clock)
        spec = dict(self._lease["spec"])
        spec |= {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": now, "acquireTime": now}
        try:
            await asyncio.wait_for(self._send(self._lease, spec), 2)
        except (StatusError, OSError) as error:
            log.v(1).info("could not release the lease", lease=self._name, err=describe(error))


def _micro_time(clock: Clock) -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
