import asyncio
from typing import Any

import orjson
import pytest

from kajitori.aiokit.clock import FakeClock, settle
from kajitori.client.connection import Response
from kajitori.client.leader import LeaderElector, LeadershipLost
from kajitori.machinery.errors import Conflict, NotFound


class FakeLeases:
    """One Lease with optimistic locking, as an API server keeps it."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.down = False
        self.writes = 0

    async def raw(self, method: str, path: str, *, body: Any = None, timeout_s: float | None = None) -> Response:
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionRefusedError
        if method == "GET":
            if self.lease is None:
                raise NotFound.of("coordination.k8s.io", "leases", "x")
        else:
            known = body["metadata"].get("resourceVersion")
            if (method == "PUT" and known != str(self.version)) or (method == "POST" and self.lease is not None):
                raise Conflict("modified")
            self.version += 1
            self.writes += 1
            self.lease = {**body, "metadata": {**body["metadata"], "resourceVersion": str(self.version)}}
        return Response(200, {}, orjson.dumps(self.lease))

    @property
    def holder(self) -> str:
        return self.lease["spec"]["holderIdentity"] if self.lease else ""


@pytest.fixture
def stage():
    class Stage:
        def __init__(self) -> None:
            self.clock, self.leases, self.leading = FakeClock(), FakeLeases(), []

        def start(self, identity: str) -> asyncio.Task[None]:
            elector = LeaderElector(self.leases, name="x", identity=identity, clock=self.clock)  # type: ignore[arg-type]

            async def lead() -> None:
                self.leading.append(identity)
                try:
                    await asyncio.Event().wait()
                finally:
                    self.leading.remove(identity)

            return asyncio.ensure_future(elector.run(lead))

    return Stage


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def test_the_first_candidate_leads_and_renews_every_two_seconds(stage) -> None:
    async def scenario() -> None:
        s = stage()
        task = s.start("a")
        await settle()
        assert s.leading == ["a"]
        before = s.leases.writes
        await s.clock.run_for(20)
        assert s.leases.writes - before == 10
        await _end(task)

    asyncio.run(scenario())


def test_a_second_candidate_waits_and_follows_a_release_within_one_period(stage) -> None:
    async def scenario() -> None:
        s = stage()
        first = s.start("a")
        await settle()
        second = s.start("b")
        await s.clock.run_for(60)
        assert s.leading == ["a"]
        await _end(first)
        assert s.leases.holder == ""
        await s.clock.run_for(2.5)
        assert s.leading == ["b"]
        assert s.leases.lease["spec"]["leaseTransitions"] == 1
        await _end(second)

    asyncio.run(scenario())


def test_a_silent_leader_is_replaced_only_after_the_lease_has_run_out(stage) -> None:
    async def scenario() -> None:
        s = stage()
        s.leases.version = 1
        spec = {"holderIdentity": "dead", "leaseDurationSeconds": 15, "renewTime": "x"}
        s.leases.lease = {"metadata": {"name": "x", "resourceVersion": "1"}, "spec": spec}
        task = s.start("b")
        await s.clock.run_for(14.9)
        assert s.leading == []
        await s.clock.run_for(3)
        assert s.leading == ["b"]
        await _end(task)

    asyncio.run(scenario())


def test_a_leader_cut_off_stops_working_at_the_renew_deadline(stage) -> None:
    async def scenario() -> None:
        s = stage()
        elector = LeaderElector(
            s.leases,  # type: ignore[arg-type]
            name="x",
            identity="a",
            lease_duration_s=0.3,
            renew_deadline_s=0.2,
            retry_period_s=0.05,
        )
        stopped = asyncio.Event()

        async def lead() -> None:
            s.leases.down = True
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        with pytest.raises(LeadershipLost, match="leaderelection lost"):
            await elector.run(lead)
        assert stopped.is_set()

    asyncio.run(scenario())


def test_an_error_of_the_work_comes_through_and_releases_the_lease(stage) -> None:
    async def scenario() -> None:
        s = stage()
        elector = LeaderElector(s.leases, name="x", identity="a", clock=s.clock)  # type: ignore[arg-type]

        async def lead() -> None:
            raise ValueError("broken")

        with pytest.raises(BaseExceptionGroup) as failed:
            await elector.run(lead)
        assert isinstance(failed.value.exceptions[0], ValueError)
        assert s.leases.holder == ""

    asyncio.run(scenario())
