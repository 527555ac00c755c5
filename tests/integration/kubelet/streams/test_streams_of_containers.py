"""exec, attach, port-forward and logs against a real containerd, through a real kubelet."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.integration.kubelet.staticnode import WEB_SERVER, Node, manifest
from tests.waiting import eventually

from kajitori.client.streams.channels import RemoteCommandError
from kajitori.client.streams.portforward import PortForwarder, PortForwardError
from kajitori.client.streams.remotecommand import RemoteCommand, Streams
from kajitori.client.transport import Transport

pytestmark = pytest.mark.integration


class Sink:
    def __init__(self) -> None:
        self.data = b""
        self.grown = asyncio.Event()

    async def write(self, data: bytes) -> None:
        self.data += data
        self.grown.set()

    async def contains(self, text: bytes) -> None:
        async with asyncio.timeout(10):
            while text not in self.data:
                self.grown.clear()
                await self.grown.wait()


class Source:
    """Standard input that ends after `data`, or never."""

    def __init__(self, data: bytes = b"", *, ends: bool = True) -> None:
        self.data, self.ends = data, ends

    async def read(self, n: int = -1) -> bytes:
        chunk, self.data = self.data[:n], self.data[n:]
        if not chunk and not self.ends:
            await asyncio.Event().wait()
        return chunk


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 30))


async def execute(
    node: Node, *command: str, stdin: Source | None = None, tty: bool = False, sizes: Any = None, what: str = "exec",
    pod: str = "bed",
) -> tuple[int, bytes, bytes]:  # fmt: skip
    query = [("command", word) for word in command] + [("output", "1")]
    query += [("input", "1")] if stdin else []
    query += [("tty", "1")] if tty else [("error", "1")]
    out, err = Sink(), Sink()
    transport = Transport(node.config)
    remote = RemoteCommand(transport, node.path(what, pod), query)
    code = await remote.run(Streams(stdin=stdin, stdout=out, stderr=err, sizes=sizes))
    await transport.close()
    return code, out.data, err.data


def test_exec_gives_output_errors_and_exit_code(static_node: Node) -> None:
    result = run(execute(static_node, "sh", "-c", "echo out; echo err >&2; exit 7"))
    assert result == (7, b"out\n", b"err\n")


def test_exec_reads_stdin_to_its_end(static_node: Node) -> None:
    blob = bytes(range(256)) * 8192  # 2 MiB
    code, out, _ = run(execute(static_node, "cat", stdin=Source(blob)))
    assert (code, out == blob) == (0, True)


def test_exec_of_a_missing_program_is_an_error(static_node: Node) -> None:
    with pytest.raises(RemoteCommandError, match="no such file or directory"):
        run(execute(static_node, "/no/such/program"))


def test_exec_with_a_terminal_knows_its_size(static_node: Node) -> None:
    async def sizes() -> Any:
        yield 101, 37
        await asyncio.Event().wait()

    known = 'size="$(busybox stty size 2>/dev/null)"; test -n "$size"'  # it is empty until the size has arrived
    script = f'until {known}; do sleep 0.1; done; echo "$size"'
    code, out, _ = run(execute(static_node, "sh", "-c", script, stdin=Source(ends=False), tty=True, sizes=sizes()))
    assert (code, out) == (0, b"37 101\r\n")


def test_attach_sees_the_output_and_feeds_stdin(static_node: Node) -> None:
    script = 'while read line; do echo got $line; test "$line" = end && exit 4; done; exit 5'
    spec = manifest("attached", script, container={"stdin": True, "stdinOnce": True}, restartPolicy="Never")
    static_node.add(spec)
    code, out, _ = run(execute(static_node, what="attach", pod="attached", stdin=Source(b"one\nend\n")))
    assert out == b"got one\ngot end\n"
    assert code == 0  # attach does not tell exit codes, as upstream
    static_node.process.remove("attached")


async def through(node: Node, pod: str, port: int, message: bytes) -> bytes:
    transport = Transport(node.config)
    async with PortForwarder(transport, node.path("portForward", pod, "")) as forwarder:
        done = asyncio.get_running_loop().create_future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await forwarder.serve(reader, writer, port)
                done.set_result(None)
            except PortForwardError as err:
                done.set_exception(err)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(message)
            answer = await reader.read()
            writer.close()
            await done
    return answer


def test_port_forward_reaches_a_server_in_the_pod(static_node: Node) -> None:
    name = static_node.add(manifest("web", WEB_SERVER))
    eventually(lambda: "up" in static_node.process.output_of(name, "c"), "it listens")
    assert run(through(static_node, "web", 8080, b"GET / HTTP/1.0\r\n\r\n")).endswith(b"\r\n\r\nhello\n")
    with pytest.raises(PortForwardError, match="onnection refused"):
        run(through(static_node, "web", 81, b"x"))
    static_node.process.remove("web")


async def logs(node: Node, pod: str, query: str = "") -> bytes:
    transport = Transport(node.config)
    response = await transport.request("GET", node.path("containerLogs", pod) + query)
    await transport.close()
    return response.body if response.status == 200 else b""


def test_logs_of_now_and_before(static_node: Node) -> None:
    script = "echo start; echo problem >&2; sleep 0.3; exit 1"
    static_node.add(manifest("crash", script, restartPolicy="OnFailure"), runs=False)
    text = eventually(lambda: run(logs(static_node, "crash", "?follow=true")), "the log is there")
    assert sorted(text.split()) == [b"problem", b"start"]
    eventually(lambda: list(static_node.process.logs.glob("*crash*/c/1.log")), "it is restarted", 20)
    before = eventually(
        lambda: run(logs(static_node, "crash", "?previous=true&stream=Stderr")), "it has a previous log"
    )
    assert before == b"problem\n"
    assert run(logs(static_node, "bed", "?tailLines=1&timestamps=true")).endswith(b"Z ready\n")
    static_node.process.remove("crash")


def test_stats_know_the_container(static_node: Node) -> None:
    async def ask() -> bytes:
        transport = Transport(static_node.config)
        summary = await transport.request("GET", "/stats/summary")
        assert summary.status == 200, summary.body
        metrics = await transport.request("GET", "/metrics/resource")
        await transport.close()
        return metrics.body

    assert b'container_memory_working_set_bytes{container="c",namespace="default",pod="bed-node-a"}' in run(ask())
