"""Exec and attach: over every protocol, with a terminal and without, to their end."""

import asyncio
import json

import pytest
from tests.unit.kubelet.server.commandstreams import ALL, EXEC, SUCCESS, Sink, Source, cat, run

from kajitori.client.streams import channels, websocket
from kajitori.client.streams.remotecommand import RemoteCommand, Streams, open_websocket
from kajitori.client.streams.spdy import Session


def test_exec_carries_streams_half_close_and_exit_code(tmp_path):
    blob = bytes(range(256)) * 4096  # 1 MiB

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = cat
        out, err = Sink(), Sink()
        async with bed.client() as client:
            command = RemoteCommand(client.transport, EXEC, ALL)
            code = await command.run(Streams(stdin=Source(b"hello ", blob), stdout=out, stderr=err))
        assert (code, out.data, err.data) == (3, b"hello " + blob, b"1048582 bytes")
        flags = {"stdin": True, "stdout": True, "stderr": True, "tty": False}
        assert bed.runtime.asked == [("id1", ["prog"], flags)]

    run(tmp_path, story)


def test_a_terminal_has_sizes_and_no_stderr(tmp_path):
    async def program(streams):
        assert set(streams) == {"error", "stdin", "stdout", "resize"}
        size = json.loads(await streams["resize"].read())
        await streams["stdout"].write(f"{size['Width']}x{size['Height']}".encode())
        return SUCCESS

    async def sizes():
        yield 80, 24
        await asyncio.Event().wait()

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = program
        out = Sink()
        async with bed.client() as client:
            command = RemoteCommand(client.transport, EXEC, [*ALL, ("tty", "1")])
            assert await command.run(Streams(stdout=out, sizes=sizes())) == 0
        assert out.data == b"80x24"

    run(tmp_path, story)


def test_an_attach_without_a_terminal_to_a_container_with_one_asks_for_no_stderr(tmp_path):
    async def program(streams):
        assert set(streams) == {"error", "stdin", "stdout"}
        await streams["stdout"].write(b"hello")
        return SUCCESS

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.pods.pod("ns", "p").spec.containers[0].tty = True
        bed.runtime.program = program
        out = Sink()
        async with bed.client() as client:
            assert await RemoteCommand(client.transport, "/attach/ns/p/c", ALL[1:]).run(Streams(stdout=out)) == 0
        assert out.data == b"hello"

    run(tmp_path, story)


def test_a_runtime_that_dies_is_an_error_and_not_success(tmp_path):
    async def story(bed):
        async def dies(streams):
            await streams["stdout"].write(b"partial")
            return

        bed.pods.add("p", "id1")
        bed.runtime.program = dies
        out = Sink()
        async with bed.client() as client:
            with pytest.raises(channels.RemoteCommandError, match="error reading from error stream"):
                await RemoteCommand(client.transport, EXEC, ALL).run(Streams(stdout=out))
        assert out.data == b"partial"

    run(tmp_path, story)


@pytest.mark.parametrize("protocol", [channels.V5, channels.V4, channels.V1, "base64.channel.k8s.io"])
def test_every_websocket_protocol_is_spoken(tmp_path, protocol):
    async def program(streams):
        await streams["stdout"].write(b"got " + await streams["stdin"].read())
        return SUCCESS

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = program
        async with bed.client() as client:
            socket = await open_websocket(client.transport, EXEC, ALL, [protocol])
            message, text = channels.encode_message(0, b"it", protocol)
            await socket.send(message, text=text)
            got = {}
            while (message := await socket.receive()) is not None:
                channel, data = channels.decode_message(message, protocol)
                got[channel] = got.get(channel, b"") + data
            assert got[1] == b"got it"
            if protocol in (channels.V5, channels.V4):
                assert json.loads(got[3]) == SUCCESS
            else:
                assert 3 not in got
            assert socket.close_code == websocket.NORMAL_CLOSURE

    run(tmp_path, story)


def test_before_version_4_a_failure_is_its_message_alone(tmp_path):
    async def program(_streams):
        return channels.exit_status(7)

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = program
        async with bed.client() as client:
            socket = await open_websocket(client.transport, EXEC, ALL, [channels.V1])
            got = b""
            while (message := await socket.receive()) is not None:
                channel, data = channels.decode_message(message, channels.V1)
                got += data if channel == 3 else b""
            assert got == b"command terminated with non-zero exit code: exit status 7"

    run(tmp_path, story)


def test_a_spdy_client_is_relayed_untouched(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = cat
        async with bed.client() as client:
            headers = [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"),
                       ("X-Stream-Protocol-Version", "v4.channel.k8s.io")]  # fmt: skip
            reader, writer, answer = await client.transport.upgrade("POST", EXEC, query=ALL, headers=headers)
            assert answer["x-stream-protocol-version"] == "v4.channel.k8s.io"
            async with Session(reader, writer, server=False) as session:
                running = asyncio.ensure_future(session.run())
                streams = {name: await session.open({"streamType": name})
                           for name in ("error", "stdin", "stdout", "stderr")}  # fmt: skip
                await streams["stdin"].write(b"abc")
                await streams["stdin"].close_write()
                assert await streams["stdout"].read_all() == b"abc"
                assert channels.exit_code(await streams["error"].read_all()) == 3
            await asyncio.gather(running, return_exceptions=True)

    run(tmp_path, story)


def test_a_client_that_hangs_up_frees_the_runtime(tmp_path):
    ended = asyncio.Event()

    async def program(streams):
        try:
            while await streams["stdin"].read():
                pass
        finally:
            ended.set()

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = program
        async with bed.client() as client:
            socket = await open_websocket(client.transport, EXEC, ALL, [channels.V5])
            await socket.receive()
            socket.hang_up()
            await asyncio.wait_for(ended.wait(), 5)

    run(tmp_path, story)
