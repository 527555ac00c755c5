"""stdin as a reader and stdout as a sink, and what a session asks the server for."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import signal
import termios

from kajitori.kubectl.sessions import terminal
from kajitori.kubectl.sessions.session import Session
from kajitori.kubectl.sessions.streams import Sink, StdinReader, file_number, is_terminal


def test_stdin_is_read_in_pieces_until_it_ends() -> None:
    async def body() -> list[bytes]:
        read_end, write_end = os.pipe()
        os.write(write_end, b"hello")
        with os.fdopen(read_end, "rb") as source:
            reader = StdinReader(source)
            pieces = [await reader.read(2), await reader.read(10)]
            os.write(write_end, b"more")
            pieces.append(await reader.read())
            os.close(write_end)
            return [*pieces, await reader.read(1), await reader.read(1)]

    assert asyncio.run(body()) == [b"he", b"llo", b"more", b"", b""]


def test_bytes_pass_a_text_stream_unchanged() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    stream.write("before ")
    Sink(stream).put(b"\xff\x00")
    assert raw.getvalue() == b"before \xff\x00"


def test_a_stream_without_bytes_gets_text() -> None:
    stream = io.StringIO()
    Sink(stream).put("é".encode() + b"\xff")
    assert stream.getvalue() == "é\ufffd"
    assert file_number(stream) is None
    assert not is_terminal(stream)


def test_a_session_asks_for_the_streams_it_has() -> None:
    plain = Session(subresource="exec", container="c", command=("a", "b"), stdin=True)
    assert list(plain.query()) == [
        ("command", "a"), ("command", "b"), ("container", "c"), ("stdin", "true"), ("stdout", "true"), ("stderr", "true"),
    ]  # fmt: skip
    with_terminal = Session(subresource="attach", container="", stdin=True, tty=True)
    assert list(with_terminal.query()) == [("stdin", "true"), ("stdout", "true"), ("tty", "true")]


def test_sizes_are_those_given_first_then_every_change() -> None:
    async def body(inside: int) -> list[terminal.Size]:
        sizes = terminal.sizes(inside, (1, 1), (80, 24))
        seen = [await anext(sizes), await anext(sizes)]
        waiting = asyncio.ensure_future(anext(sizes))
        await asyncio.sleep(0)
        termios.tcsetwinsize(inside, (40, 100))
        os.kill(os.getpid(), signal.SIGWINCH)
        seen.append(await waiting)
        await sizes.aclose()
        return seen

    outside, inside = pty.openpty()
    try:
        assert asyncio.run(body(inside)) == [(1, 1), (80, 24), (100, 40)]
    finally:
        os.close(outside)
        os.close(inside)


def test_a_terminal_is_restored_whatever_happens() -> None:
    outside, inside = pty.openpty()
    try:
        before = termios.tcgetattr(inside)
        try:
            with terminal.raw(inside):
                assert termios.tcgetattr(inside) != before
                raise KeyError
        except KeyError:
            pass
        assert termios.tcgetattr(inside) == before
    finally:
        os.close(outside)
        os.close(inside)


def test_no_terminal_has_no_size() -> None:
    read_end, write_end = os.pipe()
    try:
        assert terminal.size_of(read_end) is None
    finally:
        os.close(read_end)
        os.close(write_end)
