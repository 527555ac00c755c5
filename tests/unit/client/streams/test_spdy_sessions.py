import asyncio
from contextlib import asynccontextmanager

import pytest
from tests.unit.client.streams.memorypipe import pipe

from kajitori.client.streams import spdy, spdystream


@asynccontextmanager
async def sessions(**options):
    a, b = pipe()
    client = spdy.Session(a, a, server=False, **options)
    server = spdy.Session(b, b, server=True, **options)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.run()), group.create_task(server.run())]
        try:
            yield client, server
        finally:
            await client.close()
            await server.close()
            await asyncio.wait(tasks)


async def accepted(server):
    stream = await server.accept()
    await stream.reply()
    return stream


def run(main):
    return asyncio.run(asyncio.wait_for(main(), 10))


def test_streams_carry_data_both_ways_and_half_close():
    async def main():
        async with sessions() as (client, server):
            near = await client.open({"streamType": "data"})
            far = await accepted(server)
            assert far.headers == {"streamtype": "data"}
            await near.write(b"question")
            await near.close_write()
            assert await far.read_all() == b"question"
            await far.write(b"answer")
            await far.close_write()
            assert await near.read_all() == b"answer"
            assert near.is_done and far.is_done

    run(main)


@pytest.mark.parametrize("flow_control", [False, True])
def test_large_data_arrives_whole_with_a_slow_reader(flow_control):
    blob = bytes(range(256)) * 8192  # 2 MiB

    async def main():
        async with sessions(flow_control=flow_control) as (client, server):
            near = await client.open({})
            far = await accepted(server)

            async def send():
                await near.write(blob)
                await near.close_write()

            async with asyncio.TaskGroup() as group:
                group.create_task(send())
                got = bytearray()
                while chunk := await far.read(1000):
                    got += chunk
                    assert far._buffered <= spdystream.BUFFER_LIMIT + 65536
                assert got == blob

    run(main)


def test_write_waits_for_the_reply_of_the_peer():
    async def main():
        async with sessions() as (client, server):
            near = await client.open({})
            writing = asyncio.ensure_future(near.write(b"x"))
            far = await server.accept()
            await client.ping()  # a whole round trip later
            assert not writing.done()
            await far.reply({"ok": "yes"})
            await writing
            assert near.reply_headers == {"ok": "yes"}
            assert await far.read() == b"x"

    run(main)


def test_reset_reaches_the_peer_as_an_error():
    async def main():
        async with sessions() as (client, server):
            near = await client.open({})
            far = await accepted(server)
            await far.reset()
            with pytest.raises(spdystream.StreamReset):
                await near.read()
            with pytest.raises(spdystream.StreamReset):
                await near.write(b"x")

    run(main)


def test_end_of_connection_ends_every_stream_and_accept():
    async def main():
        async with sessions() as (client, server):
            near = await client.open({})
            await accepted(server)
            await server.close()
            with pytest.raises(spdystream.StreamReset):
                await near.read()
            assert await server.accept() is None
            await client.closed()

    run(main)


def test_data_before_the_end_is_read_even_if_the_peer_is_gone():
    async def main():
        async with sessions() as (client, server):
            near = await client.open({})
            far = await accepted(server)
            await far.write(b"last words")
            await far.close_write()
            await client.ping()
            await server.close()
            await client.closed()
            assert await near.read_all() == b"last words"

    run(main)


def test_a_discarded_stream_does_not_hold_up_the_others():
    async def main():
        async with sessions() as (client, server):
            ignored, used = await client.open({}), await client.open({})
            (await accepted(server)).discard()
            far = await accepted(server)
            await ignored.write(bytes(3 * spdystream.BUFFER_LIMIT))
            await used.write(b"here")
            assert await far.read() == b"here"

    run(main)


def test_more_streams_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(spdy, "MAX_STREAMS", 2)

    async def main():
        async with sessions() as (client, server):
            streams = [await client.open({}) for _ in range(3)]
            with pytest.raises(spdystream.StreamReset):
                await streams[2].replied()
            await accepted(server)
            await streams[0].replied()

    run(main)


def test_fin_on_open_half_closes_at_once():
    async def main():
        async with sessions() as (client, server):
            await client.open({}, fin=True)
            far = await accepted(server)
            assert await far.read() == b""

    run(main)
