"""Local listeners whose connections end in a pod. May import: client, kubectl."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kajitori.client.streams.portforward import PortForwarder, PortForwardError
from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.serving.ports import Forward
from kajitori.machinery.gotext import quote

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_LOOPBACKS = (("127.0.0.1", True), ("::1", False))


class LostConnection(Exception):
    """The pod is out of reach: nothing more can be forwarded."""


def addresses_of(words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """(address, must it work); ``localhost`` means both loopback addresses, of which one suffices."""
    found: dict[str, bool] = {}
    for word in words:
        if word == "localhost":
            for address, _ in _LOOPBACKS:
                found.setdefault(address, False)
            continue
        try:
            socket.getaddrinfo(word, None, flags=socket.AI_NUMERICHOST)
        except OSError:
            raise UsageError(f"error: {word} is not a valid IP") from None
        found[word] = True
    return list(found.items())


def open_listener(address: str, port: int) -> socket.socket:
    """A listening socket for one family only, as ::1 is asked for beside 127.0.0.1; port 0 is any. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class Listeners:
    """Opens what can be opened, and tells each. `serve` runs until the pod is lost or the task is cancelled."""

    def __init__(self, ctx: Context, forwarder: PortForwarder) -> None:
        self._ctx, self._forwarder = ctx, forwarder
        self._open: list[tuple[socket.socket, Forward, int]] = []
        self._failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def open(self, forwards: list[Forward], addresses: list[tuple[str, bool]]) -> None:
        """Raises UsageError when no port at all could be opened."""
        for forward in forwards:
            self._open_one(forward, addresses)
        if not self._open:
            shown = " ".join(f"{{{one.local} {one.remote}}}" for one in forwards)
            raise UsageError(f"error: unable to listen on any of the requested ports: [{shown}]")

    def _open_one(self, forward: Forward, addresses: list[tuple[str, bool]]) -> None:
        local, problems, opened = forward.local, [], False
        for address, _ in addresses:
            try:
                listener = open_listener(address, local)
            except OSError as error:
                problems.append(_refusal(address, local, error))
                continue
            opened = True
            local = listener.getsockname()[1]
            self._open.append((listener, forward, local))
            shown = f"[{address}]" if ":" in address else address
            self._ctx.streams.print(f"Forwarding from {shown}:{local} -> {forward.remote}")
        self._ctx.streams.out.flush()
        if not opened or (problems and any(must for _, must in addresses)):
            what = f"Listeners failed to create with the following errors: [{' '.join(problems)}]"
            self._ctx.streams.warn(f"Unable to listen on port {forward.local}: {what}")

    async def serve(self) -> None:
        """Raises `LostConnection` when the pod is lost, or a connection to it has failed for good."""
        servers = [
            await asyncio.start_server(self._handler(forward, local), sock=listener)
            for listener, forward, local in self._open
        ]
        lost = asyncio.ensure_future(self._forwarder.closed())
        try:
            waited: set[asyncio.Future[Any]] = {lost, self._failed}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if self._failed.done():
                self._ctx.streams.warn(self._failed.result())
            raise LostConnection
        finally:
            lost.cancel()
            for server in servers:
                server.close()

    def _handler(self, forward: Forward, local: int) -> Handler:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._ctx.streams.print(f"Handling connection for {local}")
            self._ctx.streams.out.flush()
            try:
                await self._forwarder.serve(reader, writer, forward.remote)
            except PortForwardError as error:
                text = str(error).replace(f"forwarding {forward.remote} ->", f"forwarding {local} ->", 1)
                if not self._failed.done():
                    self._failed.set_result(logged(text))

        return handle


def logged(text: str) -> str:
    """A failed connection as upstream's log has it."""
    now = datetime.now()
    return f'E{now:%m%d %H:%M:%S.%f} {os.getpid():>7} portforward.go:424] "Unhandled Error" err={quote(text)}'


def _refusal(address: str, port: int, error: OSError) -> str:
    network = "tcp6" if ":" in address else "tcp4"
    shown = f"[{address}]" if ":" in address else address
    why = (error.strerror or str(error)).lower()
    return f"unable to create listener: Error listen {network} {shown}:{port}: bind: {why}"
