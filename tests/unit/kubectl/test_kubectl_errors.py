"""What a connection that fails is told as: the server by name, the cause in the words of Go's network packages."""

import asyncio
import errno
import socket

import pytest

from kajitori.client.config import RestConfig
from kajitori.client.rest import Client
from kajitori.kubectl.errors import explain
from kajitori.testing.ports import free_port


def failed(error: OSError, server: str) -> OSError:
    error.server = server  # type: ignore[attr-defined]  # as the transport does it
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            failed(ConnectionRefusedError(), "10.0.0.1:8443"),
            "The connection to the server 10.0.0.1:8443 was refused - did you specify the right host or port?",
        ),
        (
            failed(socket.gaierror(-2, "Name or service not known"), "nohost:443"),
            "Unable to connect to the server: dial tcp: lookup nohost: no such host",
        ),
        (failed(TimeoutError(), "10.0.0.1:443"), "Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout"),
        (
            failed(OSError(errno.EHOSTUNREACH, "No route to host"), "10.0.0.1:443"),
            "Unable to connect to the server: dial tcp 10.0.0.1:443: connect: no route to host",
        ),
    ],
    ids=["refused", "unknown host", "timeout", "no route"],
)
def test_a_failed_connection_is_told_with_its_server(error: OSError, told: str) -> None:
    assert explain(error) == told


def test_the_transport_says_which_server_refused() -> None:
    port = free_port()

    async def ask() -> None:
        async with Client(RestConfig(server=f"http://127.0.0.1:{port}")) as client:
            await client.raw("GET", "/version")

    with pytest.raises(OSError) as caught:
        asyncio.run(ask())
    assert f"127.0.0.1:{port} was refused" in str(explain(caught.value))


def test_a_name_with_several_addresses_that_all_refuse_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()

    async def both(*_: object, **__: object) -> object:
        raise OSError(
            f"Multiple exceptions: [Errno 111] Connect call failed ('::1', {port}, 0, 0), "
            f"[Errno 111] Connect call failed ('127.0.0.1', {port})"
        )

    async def ask() -> None:
        async with Client(RestConfig(server=f"http://localhost:{port}")) as client:
            await client.raw("GET", "/version")

    monkeypatch.setattr(asyncio, "open_connection", both)
    with pytest.raises(OSError) as caught:
        asyncio.run(ask())
    assert f"The connection to the server localhost:{port} was refused" in str(explain(caught.value))
