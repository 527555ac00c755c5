"""Connections that idle between requests, newest first; none idles for more than a minute.

May import: client.connection."""

from __future__ import annotations

import asyncio
import time

from kajitori.client.connection import Connection, Parse

MAX_IDLE = 16
IDLE_S = 60.0  # below the usual 75-90 s of servers, so that we rarely meet their closing


class Pool:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: list[Connection] = []
        self._reaper: asyncio.TimerHandle | None = None

    def take(self) -> Connection | None:
        """The connection used last, if it still lives."""
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if connection.idled_s(now) < IDLE_S:
                return connection
            connection.close()
        return None

    def release(self, connection: Connection, parse: Parse) -> None:
        """After a whole response: keeps the connection if it may serve another request, else closes it."""
        if not parse.keep_alive or len(self._idle) >= MAX_IDLE or connection.writer.is_closing():
            connection.close()
            return
        connection.used, connection.idle_since = True, time.monotonic()
        self._idle.append(connection)
        if self._reaper is None:
            self._reaper = asyncio.get_running_loop().call_later(IDLE_S, self._reap)

    def _reap(self) -> None:
        """Closes what has idled too long; comes again only while something idles."""
        now, self._reaper = time.monotonic(), None
        kept = [connection for connection in self._idle if connection.idled_s(now) < IDLE_S]
        for connection in self._idle:
            if connection not in kept:
                connection.close()
        self._idle = kept
        if kept:
            self._reaper = asyncio.get_running_loop().call_later(IDLE_S, self._reap)

    def drop(self) -> None:
        """Closes all that idle."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def close(self) -> None:
        """As `drop`, and waits a little for them to be gone."""
        idle = list(self._idle)
        self.drop()
        if self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None
        for connection in idle:
            try:
                await asyncio.wait_for(connection.writer.wait_closed(), 0.5)
            except OSError:
                continue  # it is gone either way
