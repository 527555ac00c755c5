"""The kubelet's server: logs, reading, who may, what is refused, how it ends."""

import asyncio

import pytest
from tests.unit.kubelet.server.commandstreams import ALL, EXEC, run
from tests.unit.kubelet.server.fakenode import Api, kubelet_server

from kajitori.client.streams import channels
from kajitori.client.streams.remotecommand import RemoteCommand, Streams, open_websocket
from kajitori.kubelet.server import selfsigned
from kajitori.machinery.errors import Forbidden, StatusError, Unauthorized
from kajitori.testing.ports import free_port

WAITING = {"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ContainerCreating"}}}]}

UNPULLED = {"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}


def test_logs_are_served_and_their_absence_is_explained(tmp_path):
    log = tmp_path / "0.log"
    log.write_bytes(b"2026-01-02T03:04:05Z stdout F hello\n2026-01-02T03:04:06Z stdout F world\n")

    async def story(bed):
        bed.pods.add("p", "id1", log_path=str(log))
        bed.pods.add("waiting", status=WAITING)
        bed.pods.add("unpulled", status=UNPULLED)
        async with bed.client() as client:

            async def get(path):
                response = await client.transport.request("GET", f"/containerLogs/ns/{path}")
                return response.status, response.body.decode()

            assert await get("p/c") == (200, "hello\nworld\n")
            assert await get("p/c?tailLines=1") == (200, "world\n")
            assert await get(f"p/c?sinceSeconds={10**12}") == (200, "hello\nworld\n")
            invalid = (422, '{"message": "Invalid request."}\n')
            assert await get("p/c?sinceSeconds=0") == await get("p/c?tailLines=-1") == invalid
            assert await get("p/c?sinceSeconds=5&sinceTime=2026-01-02T03:04:05Z") == invalid
            assert await get("p/c?tailLines=x") == (400, '{"message": "Unable to decode query."}\n')
            assert await get("p/c?previous=true") == (400, 'previous terminated container "c" in pod "p" not found')
            assert await get("waiting/c") == (
                400, 'container "c" in pod "waiting" is waiting to start: ContainerCreating')  # fmt: skip
            assert await get("unpulled/c") == (
                400, 'container "c" in pod "unpulled" is waiting to start: trying and failing to pull image'
            )  # fmt: skip
            assert await get("p/nope") == (404, 'container "nope" not found in pod "p"\n')
            assert (await get("nope/c"))[0] == 404
            assert (await get("p/c?tailLines=x"))[0] == 400
            assert (await get("p/c?limitBytes=0"))[0] == 422

    run(tmp_path, story)


def test_followed_logs_end_when_the_client_leaves(tmp_path):
    log = tmp_path / "0.log"
    log.write_bytes(b"2026-01-02T03:04:05Z stdout F hello\n")

    async def story(bed):
        bed.pods.add("p", "id1", log_path=str(log))
        async with bed.client() as client:
            before = asyncio.all_tasks()
            async with client.transport.stream("GET", "/containerLogs/ns/p/c?follow=true") as response:
                async for piece in response:
                    assert piece == b"hello\n"
                    break
            if extra := asyncio.all_tasks() - before:
                _, left = await asyncio.wait(extra, timeout=3)
                assert not left

    run(tmp_path, story)


READS = [
    ("/healthz", "ok"),
    ("/pods", '"kind":"PodList"'),
    ("/runningpods/", '"name":"p"'),
    ("/configz", '"kubeletconfig"'),
    ("/metrics", 'kubelet_running_containers{container_state="running"} 1'),
    ("/metrics/resource", 'container_cpu_usage_seconds_total{container="c",namespace="ns",pod="p"} 2.5 5000'),
    ("/metrics/resource", 'pod_memory_working_set_bytes{namespace="ns",pod="p"} 1024 5000'),
    ("/metrics/cadvisor", "machine_cpu_cores "),
    ("/stats/summary", '"usageCoreNanoSeconds":2500000000'),
]


def test_reading_endpoints(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        async with bed.client() as client:
            for path, expected in READS:
                response = await client.transport.request("GET", path)
                assert (response.status, expected in response.body.decode()) == (200, True), (path, response.body)
            assert (await client.transport.request("GET", "/nope")).status == 404
            ran = await client.transport.request("POST", "/run/ns/p/c?cmd=ls%20-l")
            assert ran.body == b"ran ls -l"

    run(tmp_path, story)


def test_strangers_are_refused_and_answers_are_remembered(tmp_path):
    def allowed(spec):
        return spec["user"] == "alice" and spec["resourceAttributes"]["subresource"] in ("proxy", "metrics")

    api = Api(allowed, tokens={"good": {"username": "alice", "groups": ["g"]}})

    async def story(bed):
        async with bed.client(anonymous=True) as client:
            assert (await client.transport.request("GET", "/pods")).status == 401
        async with bed.client(token="bad") as client:
            assert (await client.transport.request("GET", "/pods")).status == 401
        async with bed.client("bob", ()) as client:
            answer = await client.transport.request("GET", "/stats/summary")
            assert answer.status == 403
            assert answer.body == b"Forbidden (user=bob, verb=get, resource=nodes, subresource(s)=[stats])\n"
        bed.api.asked.clear()
        async with bed.client(token="good") as client:
            for _ in range(3):
                assert (await client.transport.request("GET", "/pods")).status == 200
        assert [(kind, spec.get("resourceAttributes", {}).get("subresource")) for kind, spec in bed.api.asked] == [
            ("tokenreviews", None), ("subjectaccessreviews", "pods"), ("subjectaccessreviews", "proxy"),
        ]  # fmt: skip
        assert bed.api.asked[1][1]["resourceAttributes"]["name"] == "node-1"

    run(tmp_path, story, api=api)


def test_without_an_upgrade_exec_is_a_bad_request(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        bed.pods.add("done", "id2", state="exited")
        async with bed.client() as client:
            for path, status in ((f"{EXEC}?command=x&output=1", 400), (f"{EXEC}?command=x", 400),
                                 ("/exec/ns/done/c?command=x&output=1", 500), ("/exec/ns/no/c?output=1", 404)):  # fmt: skip
                assert (await client.transport.request("POST", path)).status == status, path
            with pytest.raises(StatusError, match=r'container not found \("c"\)'):
                await RemoteCommand(client.transport, "/exec/ns/done/c", ALL).run(Streams())

    run(tmp_path, story)


def test_refusals_carry_the_errors_of_the_api(tmp_path):
    assert issubclass(Forbidden, StatusError)
    assert issubclass(Unauthorized, StatusError)

    async def story(bed):
        async with bed.client(anonymous=True) as client:
            with pytest.raises(StatusError) as caught:
                await RemoteCommand(client.transport, EXEC, ALL).run(Streams())
            assert caught.value.code == 401

    run(tmp_path, story)


def test_an_end_of_the_server_ends_open_streams(tmp_path):
    ended = asyncio.Event()

    async def program(streams):
        try:
            while await streams["stdin"].read():
                pass
        finally:
            ended.set()

    async def main():
        async with kubelet_server(tmp_path) as bed:
            bed.pods.add("p", "id1")
            bed.runtime.program = program
            client = bed.client()
            socket = await open_websocket(client.transport, EXEC, ALL, [channels.V5])
            await socket.receive()
        await asyncio.wait_for(ended.wait(), 5)
        assert await asyncio.wait_for(socket.receive(), 5) is None
        socket.hang_up()
        await client.close()

    asyncio.run(main())


def test_a_form_that_is_too_large_is_refused(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        async with bed.client() as client:
            answer = await client.transport.request("POST", "/run/ns/p/c", body=b"cmd=" + b"x" * (1 << 20))
            assert answer.status == 413

    run(tmp_path, story)


def test_a_kubelet_without_certificate_makes_itself_one_and_keeps_it(tmp_path):
    async def main():
        certificate, key = await selfsigned.ensure(tmp_path / "pki", "node-1", ["127.0.0.1"])
        assert key.stat().st_mode & 0o777 == 0o600
        before = certificate.read_bytes()
        assert before.startswith(b"-----BEGIN CERTIFICATE-----")
        await selfsigned.ensure(tmp_path / "pki", "node-1", [])
        assert certificate.read_bytes() == before

    asyncio.run(main())


def test_health_and_read_only_ports_need_no_credentials_and_do_nothing(tmp_path):
    ports = [free_port(), free_port()]

    async def ask(port, method, path):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{method} {path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body

    async def main():
        async with kubelet_server(tmp_path, healthz_port=ports[0], read_only_port=ports[1]) as bed:
            bed.pods.add("p", "id1")
            assert await ask(ports[0], "GET", "/healthz") == (200, b"ok")
            assert (await ask(ports[0], "GET", "/pods"))[0] == 404
            assert b'"name":"p"' in (await ask(ports[1], "GET", "/pods"))[1]
            assert (await ask(ports[1], "POST", "/run/ns/p/c?cmd=ls"))[0] == 404
            assert (await ask(ports[1], "GET", "/exec/ns/p/c?command=ls"))[0] == 404
            assert (await ask(ports[1], "GET", "/configz"))[0] == 404

    asyncio.run(main())
