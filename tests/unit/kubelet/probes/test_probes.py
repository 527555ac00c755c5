import asyncio
import socket
import ssl
import subprocess

import pytest
from grpclib.const import Cardinality, Handler
from grpclib.server import Server

from kajitori.aiokit.clock import FakeClock
from kajitori.api import schema
from kajitori.api.core.v1 import ContainerStatus, Pod
from kajitori.kubelet.interfaces import CRIError, ExecResult, ExecTimeout
from kajitori.kubelet.probes import ProbeManager, checks
from kajitori.kubelet.probes.health import Wire
from kajitori.kubelet.probes.metrics import PROBES


class Runtime:
    """Answers every exec with `result`; counts them."""

    def __init__(self):
        self.result = ExecResult(0)
        self.calls = []

    async def exec_sync(self, container_id, command, timeout_s):
        self.calls.append(container_id)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Recorder:
    def __init__(self):
        self.events = []

    def event(self, obj, type_, reason, message, *, field_path=""):
        self.events.append((type_, reason, message, field_path))


EXEC = {"exec": {"command": ["check"]}}


class Bed:
    """A manager with one Pod `u` whose container `c` has the given probes, and a clock that only the test moves."""

    def __init__(self, **probes):
        self.clock, self.runtime, self.recorder, self.results = FakeClock(), Runtime(), Recorder(), []
        self.manager = ProbeManager(
            runtime=self.runtime, recorder=self.recorder, on_result=self.results.append, clock=self.clock
        )
        container = {"name": "c", **{f"{kind}Probe": {**EXEC, **probe} for kind, probe in probes.items()}}
        self.pod = schema.from_wire(
            Pod, {"metadata": {"name": "p", "namespace": "ns", "uid": "u"}, "spec": {"containers": [container]}}
        )

    async def __aenter__(self):
        self.running = asyncio.ensure_future(self.manager.run())
        self.manager.add_pod(self.pod)
        return self

    async def __aexit__(self, *exc):
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    async def starts(self, container_id="id1"):
        started = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        await self.status({"running": {"startedAt": started}}, container_id)

    async def stops(self):
        await self.status({"terminated": {"exitCode": 1}}, "id1")

    async def status(self, state, container_id):
        wire = {"name": "c", "containerID": f"containerd://{container_id}", "state": state}
        self.manager.update_status(self.pod, [schema.from_wire(ContainerStatus, wire)], "127.0.0.1")
        await self.run_for(0)

    async def run_for(self, seconds):
        await self.clock.run_for(seconds)
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def ready(self):
        return self.manager.is_ready("u", "c")

    def changes(self):
        return [(result.kind, result.ok) for result in self.results]


def scenario(**probes):
    """Run the test's coroutine in a bed."""

    def decorate(story):
        def test():
            async def main():
                async with Bed(**probes) as bed:
                    await story(bed)

            asyncio.run(main())

        test.__name__ = story.__name__
        return test

    return decorate


@scenario(readiness={"periodSeconds": 10})
async def test_readiness_is_checked_at_once_when_the_container_starts(bed):
    assert not bed.ready
    assert bed.runtime.calls == []
    await bed.starts()
    assert bed.runtime.calls == ["id1"]
    assert bed.ready
    assert bed.changes() == [("readiness", True)]


@scenario(readiness={"periodSeconds": 5, "failureThreshold": 2, "successThreshold": 2})
async def test_thresholds_debounce_both_ways(bed):
    await bed.starts()
    assert not bed.ready
    await bed.run_for(5)
    assert bed.ready
    bed.runtime.result = ExecResult(1, b"sick")
    await bed.run_for(5)
    assert bed.ready
    await bed.run_for(5)
    assert not bed.ready
    assert bed.changes() == [("readiness", True), ("readiness", False)]
    event = ("Warning", "Unhealthy", "Readiness probe failed: sick", "spec.containers{c}")
    assert bed.recorder.events == [event, event]


@scenario(readiness={"initialDelaySeconds": 7})
async def test_initial_delay_is_kept_to_the_second(bed):
    await bed.starts()
    await bed.run_for(6.9)
    assert bed.runtime.calls == []
    await bed.run_for(0.2)
    assert len(bed.runtime.calls) == 1


@scenario(liveness={"periodSeconds": 1, "failureThreshold": 3})
async def test_failed_liveness_is_told_once_and_rests_until_the_next_incarnation(bed):
    bed.runtime.result = ExecResult(1)
    await bed.starts()
    await bed.run_for(10)
    assert bed.changes() == [("liveness", False)]
    assert len(bed.runtime.calls) == 3
    bed.runtime.result = ExecResult(0)
    await bed.starts("id2")
    assert bed.runtime.calls[-1] == "id2"


@scenario(startup={"periodSeconds": 2, "failureThreshold": 5}, readiness={}, liveness={"periodSeconds": 1})
async def test_startup_holds_the_other_probes_back_and_releases_them_at_once(bed):
    bed.runtime.result = ExecResult(1)
    await bed.starts()
    await bed.run_for(3)
    assert len(bed.runtime.calls) == 2
    assert not bed.manager.is_started("u", "c")
    bed.runtime.result = ExecResult(0)
    await bed.run_for(1.5)
    assert bed.manager.is_started("u", "c")
    assert bed.ready
    assert bed.changes() == [("startup", True), ("readiness", True)]


@scenario(startup={"periodSeconds": 1, "failureThreshold": 2})
async def test_failed_startup_is_told_so_that_the_container_is_restarted(bed):
    bed.runtime.result = ExecResult(3)
    await bed.starts()
    await bed.run_for(5)
    assert bed.changes() == [("startup", False)]
    assert bed.results[0].container_id == "id1"


@scenario(readiness={"periodSeconds": 1})
async def test_nothing_is_checked_while_the_container_does_not_run(bed):
    await bed.starts()
    await bed.stops()
    count = len(bed.runtime.calls)
    await bed.run_for(10)
    assert len(bed.runtime.calls) == count
    assert not bed.ready
    await bed.starts("id2")
    assert bed.ready


@scenario(readiness={"periodSeconds": 1}, liveness={"periodSeconds": 1})
async def test_a_terminating_pod_keeps_its_readiness_probe_only(bed):
    await bed.starts()
    bed.manager.stop_liveness_and_startup("u")
    bed.runtime.result = ExecResult(1)
    await bed.run_for(5)
    assert bed.changes() == [("readiness", True), ("readiness", False)]


@scenario(readiness={"periodSeconds": 1})
async def test_a_removed_pod_is_left_alone(bed):
    await bed.starts()
    bed.manager.remove_pod("u")
    count = len(bed.runtime.calls)
    await bed.run_for(5)
    assert len(bed.runtime.calls) == count


@scenario(readiness={"periodSeconds": 10, "failureThreshold": 1})
async def test_a_check_that_cannot_be_made_changes_nothing_and_is_told(bed):
    await bed.starts()
    bed.runtime.result = CRIError("Unavailable", "gone")
    await bed.run_for(10)
    assert bed.ready
    message = "Readiness probe errored and resulted in unknown state: rpc error: code = Unavailable desc = gone"
    assert bed.recorder.events == [("Warning", "Unhealthy", message, "spec.containers{c}")]


@scenario()
async def test_a_container_without_probes_is_ready_and_started(bed):
    assert bed.ready
    assert bed.manager.is_started("u", "c")


# Single checks against real sockets.


def outcome(probe, pod_ip="127.0.0.1", runtime=None, ports=()):
    wire = {"name": "c", "ports": list(ports), "readinessProbe": probe}
    pod = schema.from_wire(Pod, {"metadata": {"name": "p"}, "spec": {"containers": [wire]}})
    container = pod.spec.containers[0]
    return checks.check(container.readiness_probe, checks.Target(container, "id", pod_ip), runtime or Runtime())


def against(answers, probe, *, ssl_context=None):
    """The outcome of `probe(port)` against a server that answers paths with raw bytes; (outcome, requests seen)."""

    async def main():
        seen = []

        async def serve(reader, writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            seen.append(head)
            answer = answers.get(head.split(" ")[1], b"")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ssl_context)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await outcome(probe(port)), seen, port

    return asyncio.run(main())


def http(path="/", **more):
    return lambda port: {"httpGet": {"path": path, "port": port, **more}}


STATUSES = [(200, True), (204, True), (399, True), (400, False), (404, False), (500, False), (503, False)]


@pytest.mark.parametrize(("status", "ok"), STATUSES)
def test_http_status_decides(status, ok):
    answer = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
    result, _, _ = against({"/": answer}, http())
    assert result == checks.Outcome(ok, "" if ok else f"HTTP probe failed with statuscode: {status}")


def test_http_sends_the_headers_that_were_asked_for():
    headers = [{"name": "Host", "value": "example.com"}, {"name": "X-A", "value": "1"}]
    _, (head,), _ = against({"/p?q=1": b"HTTP/1.1 200 OK\r\n\r\n"}, http("/p?q=1", httpHeaders=headers))
    assert head.startswith("GET /p?q=1 HTTP/1.1\r\nHost: example.com\r\n")
    assert "X-A: 1" in head
    assert "User-Agent: kube-probe/1.34" in head


def test_http_follows_redirects_on_the_same_host_only():
    answers = {
        "/": b"HTTP/1.1 302 F\r\nLocation: /next\r\n\r\n",
        "/next": b"HTTP/1.1 404 N\r\n\r\n",
        "/away": b"HTTP/1.1 302 F\r\nLocation: http://other.invalid/\r\n\r\n",
        "/loop": b"HTTP/1.1 302 F\r\nLocation: /loop\r\n\r\n",
    }
    assert against(answers, http())[0].message == "HTTP probe failed with statuscode: 404"
    away = against(answers, http("/away"))[0]
    assert away.ok
    assert away.warning
    assert "stopped after 10 redirects" in against(answers, http("/loop"))[0].message


def test_https_is_not_verified(tmp_path):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-subj", "/CN=nobody", "-keyout", tmp_path / "key", "-out", tmp_path / "crt"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    answers = {"/": b"HTTP/1.1 200 OK\r\n\r\n"}
    assert against(answers, http(scheme="HTTPS"), ssl_context=context)[0].ok


def test_http_connection_errors_read_as_upstream():
    result, _, port = against({}, http())
    assert result.message == f'Get "http://127.0.0.1:{port}/": EOF'
    refused = asyncio.run(outcome({"httpGet": {"port": port}}))
    expected = f'Get "http://127.0.0.1:{port}/": dial tcp 127.0.0.1:{port}: connect: connection refused'
    assert refused == checks.Outcome(False, expected)


def test_http_timeout_reads_as_upstream(monkeypatch):
    async def stuck(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(checks, "_get", stuck)
    action = {"httpGet": {"port": 80}, "timeoutSeconds": 1}
    message = asyncio.run(outcome(action)).message
    assert message == (
        'Get "http://127.0.0.1:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    )


def test_tcp_connects_or_says_why_not():
    result, _, port = against({}, lambda port: {"tcpSocket": {"port": port}})
    assert result.ok
    refused = asyncio.run(outcome({"tcpSocket": {"port": port}}))
    assert refused.message == f"dial tcp 127.0.0.1:{port}: connect: connection refused"


def test_named_ports_are_looked_up():
    ports = [{"name": "web", "containerPort": 1}]
    refused = asyncio.run(outcome({"tcpSocket": {"port": "web"}}, ports=ports))
    assert refused.message == "dial tcp 127.0.0.1:1: connect: connection refused"
    with pytest.raises(checks.CheckError, match="couldn't find port"):
        asyncio.run(outcome({"tcpSocket": {"port": "nope"}}))


def test_exec_output_is_the_message_and_a_timeout_says_which_command():
    runtime = Runtime()
    runtime.result = ExecResult(1, b"out ", b"err")
    assert asyncio.run(outcome(EXEC, runtime=runtime)) == checks.Outcome(False, "out err")
    runtime.result = ExecTimeout()
    assert asyncio.run(outcome(EXEC, runtime=runtime)).message == 'command timed out: "check" timed out after 1s'


@pytest.mark.parametrize(
    ("answer", "ok", "message"),
    [
        (Wire(b"\x08\x01"), True, ""),
        (Wire(b"\x08\x02"), False, 'service unhealthy (responded with "NOT_SERVING")'),
        (
            None,
            False,
            "this server does not implement the grpc health protocol (grpc.health.v1.Health): Method not found",
        ),
    ],
)
def test_grpc_health(answer, ok, message):
    class Health:
        def __init__(self):
            self.asked = []

        async def check(self, stream):
            self.asked.append(await stream.recv_message())
            await stream.send_message(answer)

        def __mapping__(self):
            handler = Handler(self.check, Cardinality.UNARY_UNARY, Wire, Wire)
            return {"/grpc.health.v1.Health/Check": handler} if answer is not None else {}

    async def main():
        health = Health()
        server = Server([health])
        with socket.create_server(("127.0.0.1", 0)) as listening:
            await server.start(sock=listening)
            try:
                port = listening.getsockname()[1]
                return await outcome({"grpc": {"port": port, "service": "db"}}), health.asked
            finally:
                server.close()
                await server.wait_closed()

    result, asked = asyncio.run(main())
    assert result == checks.Outcome(ok, message)
    assert asked in ([], [b"\x0a\x02db"])


def test_grpc_without_a_server_reads_as_upstream():
    refused = asyncio.run(outcome({"grpc": {"port": 1}}))
    expected = 'timeout: failed to connect service "127.0.0.1:1" within 1s: context deadline exceeded'
    assert refused == checks.Outcome(False, expected)


@scenario(readiness={"periodSeconds": 10})
async def test_every_result_is_counted_until_the_pod_is_gone(bed):
    PROBES.values.clear()  # of the process, so of other tests too
    await bed.starts()
    bed.runtime.result = ExecResult(1)
    await bed.run_for(10)
    case = ("c", "p", "ns", "u")
    assert PROBES.values["Readiness", "successful", *case] == 1
    assert PROBES.values["Readiness", "failed", *case] == 1
    bed.manager.remove_pod("u")
    assert not [series for series in PROBES.values if series[-1] == "u"]
