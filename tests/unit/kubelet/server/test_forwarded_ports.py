"""Port-forwarding: tunnelled, by channels, and refused."""

import asyncio

import pytest
from tests.unit.kubelet.server.commandstreams import run

from kajitori.client.streams import channels
from kajitori.client.streams.portforward import PortForwarder, PortForwardError
from kajitori.client.streams.remotecommand import open_websocket


async def echo_port(streams):
    """Echo with the port in front, until the client's end."""
    port = streams["data"].headers["port"].encode()
    while data := await streams["data"].read():
        await streams["data"].write(port + b":" + data)
    await streams["data"].close_write()
    return


async def forwarded(forwarder, port, message):
    """What comes back for `message` through a local connection that is forwarded."""
    served = asyncio.get_running_loop().create_future()

    async def accept(reader, writer):
        try:
            await forwarder.serve(reader, writer, port)
            served.set_result(None)
        except PortForwardError as err:
            served.set_exception(err)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(message)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await served
    return answer


def test_port_forward_tunnels_a_connection(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = echo_port
        async with bed.client() as client, PortForwarder(client.transport, "/portForward/ns/p") as forwarder:
            assert await forwarded(forwarder, 8080, b"hi") == b"8080:hi"
        assert bed.runtime.asked == [("sandbox-uid-p", [])]

    run(tmp_path, story)


def test_port_forward_tells_why_a_connection_failed(tmp_path):
    async def refuse(streams):
        await streams["error"].write(b"connection refused")
        await streams["error"].close_write()

    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = refuse
        async with bed.client() as client, PortForwarder(client.transport, "/portForward/ns/p") as forwarder:
            with pytest.raises(PortForwardError, match="an error occurred forwarding 80 -> 80: connection refused"):
                await forwarded(forwarder, 80, b"hi")

    run(tmp_path, story)


def test_port_forward_by_channels_as_the_python_client_does_it(tmp_path):
    async def story(bed):
        bed.pods.add("p", "id1")
        bed.runtime.program = echo_port
        async with bed.client() as client:
            query = [("ports", "8080")]
            socket = await open_websocket(client.transport, "/portForward/ns/p", query, [channels.V4])
            assert await socket.receive() == b"\x00" + (8080).to_bytes(2, "little")
            assert await socket.receive() == b"\x01" + (8080).to_bytes(2, "little")
            await socket.send(b"\x00hi")
            assert await socket.receive() == b"\x008080:hi"
            await socket.close()
            socket.hang_up()

    run(tmp_path, story)
