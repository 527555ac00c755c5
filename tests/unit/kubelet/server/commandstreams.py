"""What the tests of a kubelet's streams share: a node to run against, the ends of streams, a program."""

import asyncio

from tests.unit.kubelet.server.fakenode import kubelet_server

from kajitori.client.streams import channels

SUCCESS = {"metadata": {}, "status": "Success"}

EXEC = "/exec/ns/p/c"

ALL = [("command", "prog"), ("input", "1"), ("output", "1"), ("error", "1")]


def run(tmp_path, story, **options):
    async def main():
        async with kubelet_server(tmp_path, **options) as bed:
            await asyncio.wait_for(story(bed), 20)

    asyncio.run(main())


class Sink:
    def __init__(self):
        self.data = b""

    async def write(self, data):
        self.data += data


class Source:
    """Standard input from a list of pieces."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    async def read(self, n=-1):
        return self.pieces.pop(0) if self.pieces else b""


async def cat(streams):
    """Echo stdin, say how much on stderr, exit with 3."""
    size = 0
    while data := await streams["stdin"].read():
        size += len(data)
        await streams["stdout"].write(data)
    await streams["stderr"].write(b"%d bytes" % size)
    return channels.exit_status(3)
