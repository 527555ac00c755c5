import asyncio
import random
from datetime import UTC, datetime

import pytest

from kajitori.kubelet.server.logs import BLOCK, LogOptions, read_log, tail_offset


def entry(second, text, stream="stdout", tag="F"):
    return f"2026-01-02T03:04:{second:02d}.5Z {stream} {tag} {text}\n".encode()


def read(path, *, running=lambda: False, **options):
    async def main():
        return b"".join([piece async for piece in read_log(path, LogOptions(**options), running)])

    return asyncio.run(main())


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "0.log"
    path.write_bytes(entry(1, "one") + entry(2, "two", "stderr") + entry(3, "thr", tag="P") + entry(3, "ee"))
    return path


def test_both_streams_are_shown_and_parts_joined(log):
    assert read(log) == b"one\ntwo\nthree\n"


def test_one_stream_may_be_chosen(log):
    assert read(log, stream="Stderr") == b"two\n"


def test_timestamps_have_nine_digits_and_stand_once_per_line(log):
    assert read(log, timestamps=True) == (
        b"2026-01-02T03:04:01.500000000Z one\n2026-01-02T03:04:02.500000000Z two\n"
        b"2026-01-02T03:04:03.500000000Z three\n"
    )


@pytest.mark.parametrize(
    ("lines", "expected"), [(0, b""), (1, b"ee\n"), (2, b"three\n"), (3, b"two\nthree\n"), (99, b"one\ntwo\nthree\n")]
)
def test_tail_counts_entries_from_the_end(log, lines, expected):
    assert read(log, tail_lines=lines) == expected


def test_tail_agrees_with_splitting_whatever_the_sizes(tmp_path):
    rng, path = random.Random(7), tmp_path / "log"
    for _ in range(30):
        rows = [b"x" * rng.choice((0, 1, 80, BLOCK - 1, BLOCK)) + b"\n" for _ in range(rng.randrange(1, 6))]
        path.write_bytes(b"".join(rows))
        for wanted in range(1, 7):
            with path.open("rb") as file:
                file.seek(tail_offset(file, wanted))
                assert file.read() == b"".join(rows[-wanted:])


def test_since_drops_what_is_older(log):
    since = datetime(2026, 1, 2, 3, 4, 2, 500000, tzinfo=UTC)
    assert read(log, since=since) == b"two\nthree\n"


@pytest.mark.parametrize("limit", [1, 4, 5, 12])
def test_limit_cuts_to_the_byte(log, limit):
    assert read(log, limit_bytes=limit) == b"one\ntwo\nthree\n"[:limit]


def test_malformed_entries_are_skipped(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"garbage\n\n" + entry(1, "good"))
    assert read(path) == b"good\n"


class Follower:
    """A follow in progress; `expect` waits until that text has come."""

    def __init__(self, path, **options):
        self.path, self.alive, self.got = path, True, b""
        self.options = LogOptions(follow=True, **options)
        self.grown = asyncio.Event()

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *exc):
        self.alive = False
        await asyncio.wait_for(self.task, 5)

    async def _read(self):
        async for piece in read_log(self.path, self.options, lambda: self.alive):
            self.got += piece
            self.grown.set()

    async def expect(self, text):
        async with asyncio.timeout(0.9):  # less than the pause between two looks: inotify must have told
            while self.got != text:
                self.grown.clear()
                await self.grown.wait()


def append(path, data):
    with path.open("ab") as file:
        file.write(data)


def test_follow_sees_what_is_appended_and_ends_with_the_container(log):
    async def main():
        async with Follower(log, tail_lines=1) as follower:
            await follower.expect(b"ee\n")
            append(log, entry(5, "new"))
            await follower.expect(b"ee\nnew\n")
            append(log, b"2026-01-02T03:04:06Z stdout F unfin")
            append(log, b"ished\n")
            await follower.expect(b"ee\nnew\nunfinished\n")
            append(log, entry(7, "last"))
        assert follower.got == b"ee\nnew\nunfinished\nlast\n"

    asyncio.run(main())


def test_follow_goes_on_in_the_new_file_after_rotation(log):
    async def main():
        async with Follower(log, tail_lines=1) as follower:
            await follower.expect(b"ee\n")
            append(log, entry(5, "old"))
            await follower.expect(b"ee\nold\n")
            log.rename(log.with_suffix(".20260102"))
            append(log.with_suffix(".20260102"), entry(6, "late"))
            await follower.expect(b"ee\nold\nlate\n")
            append(log, entry(7, "fresh"))
            await follower.expect(b"ee\nold\nlate\nfresh\n")

    asyncio.run(main())


def test_follow_stops_at_the_byte_limit(log):
    async def main():
        async with Follower(log, limit_bytes=5) as follower:
            await follower.expect(b"one\nt")
            await asyncio.wait_for(follower.task, 1)

    asyncio.run(main())
