"""A configuration file that is taken over when it changes, unless it is wrong: then what was read before stays.

May import: aiokit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import get_logger

log = get_logger(__name__)
EVERY_S = 60.0
"""How often a file is looked at, as upstream."""


class FollowedFile:
    """Calls `take` after the file has changed. It may raise ValueError (ConfigError) and OSError."""

    def __init__(self, path: str, clock: Clock, take: Callable[[], Awaitable[None] | None]) -> None:
        self._path, self._clock, self._take = path, clock, take
        self._seen = self._stamp()

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await self._clock.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Take the file over if it is not the one seen before."""
        try:
            now = self._stamp()
            if now == self._seen:
                return
            taking = self._take()
            if taking is not None:
                await taking
            self._seen = now
            log.info("took over a changed configuration", path=self._path)
        except (OSError, ValueError) as error:
            log.error("a changed configuration cannot be used, the old one stays", error, path=self._path)

    def _stamp(self) -> tuple[int, int]:
        found = Path(self._path).stat()
        return found.st_mtime_ns, found.st_ino
