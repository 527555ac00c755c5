"""Priority and fairness in a process of its own: who floods the server waits, and nobody waits for them."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import pytest
from tests.integration.apiserver.serverprocess import ServerProcess, config_map, get, send
from tests.waiting import until

from kajitori.client.config import RestConfig
from kajitori.client.raw import RawClient
from kajitori.machinery.errors import StatusError

pytestmark = pytest.mark.integration
MAPS = "/api/v1/namespaces/default/configmaps"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
FLOW = "/apis/flowcontrol.apiserver.k8s.io/v1"
USERS = {
    "noisy": "noisy,n",
    "quiet": "quiet,q",
    "node": "system:node:n1,1,system:nodes",
    "manager": "system:kube-controller-manager,m",
}
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "everybody"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:authenticated"}],
}


class Flooded:
    """A server, its admin, and clients that speak as somebody."""

    def __init__(self, server: ServerProcess, admin: RawClient, stack: AsyncExitStack) -> None:
        self.server, self.admin, self._stack = server, admin, stack

    def client(self, token: str) -> RawClient:
        ca = (self.server.directory / "data/pki/ca.crt").read_bytes()
        client = RawClient(RestConfig(server=f"https://127.0.0.1:{self.server.port}", ca_data=ca, token=token))
        self._stack.push_async_callback(client.close)
        return client

    @contextmanager
    def flooder(self, path: str, connections: int) -> Iterator[Callable[[], list[float]]]:
        """The noisy user in a process of its own; gives how long its requests took so far."""
        script = Path(__file__).with_name("flooder.py")
        ca, told = self.server.directory / "data/pki/ca.crt", self.server.directory / "flood"
        command = [sys.executable, str(script), str(self.server.port), str(ca), "noisy", path, str(connections)]
        with told.open("w") as output:
            process = subprocess.Popen(command, stdout=output)
        try:
            yield lambda: [float(line) for line in told.read_text().splitlines(keepends=True) if line.endswith("\n")]
        finally:
            process.kill()
            process.wait()

    @asynccontextmanager
    async def flood(self, number: int, request: Callable[[RawClient], Awaitable[object]]) -> AsyncIterator[None]:
        """So many requests of the noisy user at any time."""

        async def one(client: RawClient) -> None:
            while True:
                with suppress(StatusError):
                    await request(client)

        clients = [self.client("noisy") for _ in range(number // 16 + 1)]  # each has 16 connections
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one(clients[at // 16])) for at in range(number)]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()


def flooded(directory: Path, scenario: Callable[[Flooded], Awaitable[None]], *flags: str) -> None:
    async def run() -> None:
        server = ServerProcess(directory, *flags)
        with (directory / "tokens.csv").open("a") as tokens:
            tokens.writelines(f"{token},{user}\n" for token, user in USERS.items())
        async with AsyncExitStack() as stack:
            stack.callback(server.stop)
            await server.start()
            admin = server.client()
            stack.push_async_callback(admin.close)
            await send(admin, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", BINDING)
            await scenario(Flooded(server, admin, stack))

    asyncio.run(run())


async def renew(client: RawClient, name: str) -> None:
    lease = await get(client, f"{LEASES}/{name}")
    lease["spec"]["leaseTransitions"] = lease["spec"].get("leaseTransitions", 0) + 1
    await send(client, "PUT", f"{LEASES}/{name}", lease)


async def timed(times: int, request: Callable[[], Awaitable[object]]) -> float:
    """The median of the seconds that it took."""
    taken = []
    for _ in range(times):
        started = time.monotonic()
        await request()
        taken.append(time.monotonic() - started)
    return median(taken)


def test_leases_elections_and_other_users_are_quick_while_one_user_lists_and_lists(tmp_path: Path) -> None:
    async def scenario(flooded: Flooded) -> None:
        admin = flooded.admin
        for number in range(25):
            await send(admin, "POST", MAPS, config_map(f"large-{number}", text="x" * 80_000))
        for name in ("n1", "manager"):
            lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": {}}
            await send(admin, "POST", LEASES, lease)
        node, manager, quiet = (flooded.client(user) for user in ("node", "manager", "quiet"))
        with flooded.flooder(MAPS, 80) as listed:
            await until(lambda: _waiting(admin), "requests wait", 10)
            seconds = {
                "a node's lease": await timed(9, lambda: renew(node, "n1")),
                "an election": await timed(9, lambda: renew(manager, "manager")),
                "another user's get": await timed(9, lambda: get(quiet, f"{MAPS}/large-1")),
                "another user's create": await timed(
                    9, lambda: send(quiet, "POST", MAPS, {"metadata": {"generateName": "q-"}})
                ),
            }
            await until(lambda: len(listed()) >= 10, "some lists are done", 30)
            theirs = median(listed())
        assert all(taken < theirs / 2 for taken in seconds.values()), (seconds, theirs)

    flooded(tmp_path, scenario)


def test_clients_that_go_away_leave_no_seat_taken_and_nobody_waiting(tmp_path: Path) -> None:
    async def scenario(flooded: Flooded) -> None:
        for number in range(60):
            await send(flooded.admin, "POST", MAPS, config_map(f"large-{number}", text="x" * 80_000))
        tls = ssl.create_default_context(cafile=str(flooded.server.directory / "data/pki/ca.crt"))
        asks = [
            b"GET %b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer noisy\r\n%b\r\n" % (path.encode(), more)
            for path in (MAPS, f"{MAPS}?watch=1", f"{MAPS}?watch=1&resourceVersion=1")
            for more in (b"", b"Accept-Encoding: gzip\r\n")
        ]

        async def one(number: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", flooded.server.port, ssl=tls)
            writer.write(asks[number % len(asks)])
            if number % 3:
                await reader.read(1000 * (number % 5))
            writer.transport.abort()

        await asyncio.gather(*(one(number) for number in range(150)))
        await until(lambda: _nobody(flooded.admin), "all seats are free", 15)
        assert (await get(flooded.client("quiet"), f"{MAPS}/large-1"))["metadata"]["name"] == "large-1"

    flooded(tmp_path, scenario)


async def _nobody(admin: RawClient) -> bool:
    metrics = (await admin.raw("GET", "/metrics")).body.decode().splitlines()
    names = (
        "current_inqueue_requests",
        "current_inqueue_seats",
        "current_executing_requests",
        "current_executing_seats",
    )
    lines = [line for line in metrics if line.startswith(tuple(f"apiserver_flowcontrol_{name}" for name in names))]
    return all(line.endswith(" 0") for line in lines if '"exempt"' not in line)


async def _waiting(admin: RawClient) -> bool:
    """Whether any request of the level that takes everybody else's stands in a queue."""
    dump = await admin.raw("GET", "/debug/api_priority_and_fairness/dump_priority_levels")
    rows = [[cell.strip() for cell in line.split(",")] for line in dump.body.decode().splitlines()]
    return any(row[0] == "global-default" and int(row[4]) > 0 for row in rows[1:])


def test_a_level_without_queues_turns_away_with_upstreams_words_and_headers(tmp_path: Path) -> None:
    level = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "PriorityLevelConfiguration",
        "metadata": {"name": "narrow"},
        "spec": {
            "type": "Limited",
            "limited": {
                "nominalConcurrencyShares": 1,
                "borrowingLimitPercent": 0,
                "limitResponse": {"type": "Reject"},
            },
        },
    }
    rule = {
        "subjects": [{"kind": "User", "user": {"name": "noisy"}}],
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}],
    }
    schema = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "FlowSchema",
        "metadata": {"name": "noisy"},
        "spec": {"priorityLevelConfiguration": {"name": "narrow"}, "matchingPrecedence": 50, "rules": [rule]},
    }

    async def scenario(flooded: Flooded) -> None:
        admin = flooded.admin
        made = await send(admin, "POST", f"{FLOW}/flowschemas", schema)
        await until(lambda: _dangling(admin, "True"), "the schema has no level", 5)
        level_uid = (await send(admin, "POST", f"{FLOW}/prioritylevelconfigurations", level))["metadata"]["uid"]
        await until(lambda: _dangling(admin, "False"), "the schema has its level", 5)
        answer = await flooded.client("noisy").raw("GET", MAPS)
        told = {key.lower(): value for key, value in answer.headers.items()}
        assert told["x-kubernetes-pf-flowschema-uid"] == made["metadata"]["uid"]
        assert told["x-kubernetes-pf-prioritylevel-uid"] == level_uid
        body: Any = {"metadata": {"generateName": "n-"}}
        async with flooded.flood(40, lambda client: send(client, "POST", MAPS, body)):
            await until(lambda: _turned_away(admin), "some are turned away", 10)
        metrics = (await admin.raw("GET", "/metrics")).body.decode()
        labels = '{flow_schema="noisy",priority_level="narrow",reason="concurrency-limit"}'
        assert f"apiserver_flowcontrol_rejected_requests_total{labels}" in metrics
        assert 'apiserver_flowcontrol_nominal_limit_seats{priority_level="narrow"} 1' in metrics

    flooded(tmp_path, scenario, "--max-requests-inflight=20", "--max-mutating-requests-inflight=10")


async def _turned_away(admin: RawClient) -> bool:
    metrics = (await admin.raw("GET", "/metrics")).body.decode().splitlines()
    return any(line.startswith("apiserver_request_total") and 'code="429"' in line for line in metrics)


async def _made(admin: RawClient) -> bool:
    return bool((await get(admin, MAPS))["items"])


async def _dangling(admin: RawClient, status: str) -> bool:
    schema = await get(admin, f"{FLOW}/flowschemas/noisy")
    conditions = (schema.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Dangling" and one["status"] == status for one in conditions)


def test_the_servers_own_objects_come_back_and_stay_as_they_are(tmp_path: Path) -> None:
    async def scenario(flooded: Flooded) -> None:
        admin = flooded.admin
        path = f"{FLOW}/prioritylevelconfigurations/workload-low"
        await send(admin, "DELETE", f"{FLOW}/flowschemas/service-accounts")
        level = await get(admin, path)
        level["spec"]["limited"]["nominalConcurrencyShares"] = 5
        await send(admin, "PUT", path, level)
        await until(lambda: _shares(admin, path, 100), "the server puts it right", 5)
        assert (await get(admin, f"{FLOW}/flowschemas/service-accounts"))["spec"]["matchingPrecedence"] == 9000
        level = await get(admin, path)
        level["spec"]["limited"]["nominalConcurrencyShares"] = 7
        level["metadata"]["annotations"]["apf.kubernetes.io/autoupdate-spec"] = "false"
        await send(admin, "PUT", path, level)
        await until(lambda: _limit(admin, "workload-low", "28"), "its user's number is in force", 5)
        assert await _shares(admin, path, 7)

    flooded(tmp_path, scenario)


def test_a_watch_has_its_turn_until_it_has_told_the_state(tmp_path: Path) -> None:
    async def scenario(flooded: Flooded) -> None:
        for number in range(20):
            await send(flooded.admin, "POST", MAPS, config_map(f"map-{number}"))
        query = [("watch", "true"), ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
        async with flooded.client("quiet").raw_stream("GET", MAPS, query=query) as stream:
            async for chunk in stream:
                if b"map-19" in chunk:
                    break
            dump = (await flooded.admin.raw("GET", "/debug/api_priority_and_fairness/dump_requests")).body.decode()
            assert "global-default" not in dump
        metrics = (await flooded.admin.raw("GET", "/metrics")).body.decode()
        labels = 'flow_schema="global-default",priority_level="global-default",type="watch"'
        assert f"apiserver_flowcontrol_request_execution_seconds_count{{{labels}}} 1" in metrics

    flooded(tmp_path, scenario)


async def _shares(admin: RawClient, path: str, shares: int) -> bool:
    spec = (await get(admin, path))["spec"]
    return bool(spec["limited"]["nominalConcurrencyShares"] == shares)


async def _limit(admin: RawClient, level: str, seats: str) -> bool:
    metrics = (await admin.raw("GET", "/metrics")).body.decode().splitlines()
    return f'apiserver_flowcontrol_nominal_limit_seats{{priority_level="{level}"}} {seats}' in metrics


def test_without_it_so_many_requests_are_handled_and_no_more(tmp_path: Path) -> None:
    async def scenario(flooded: Flooded) -> None:
        assert not (await get(flooded.admin, f"{FLOW}/flowschemas"))["items"]
        body = orjson.loads(orjson.dumps({"metadata": {"generateName": "n-"}}))
        async with flooded.flood(40, lambda client: send(client, "POST", MAPS, body)):
            await until(lambda: _turned_away(flooded.admin), "some are turned away", 10)
            await until(lambda: _made(flooded.admin), "others are not", 10)
        answer = await flooded.client("quiet").raw("GET", MAPS)
        assert not any("pf-" in name.lower() for name in answer.headers)

    flooded(tmp_path, scenario, "--enable-priority-and-fairness=false", "--max-mutating-requests-inflight=3")
