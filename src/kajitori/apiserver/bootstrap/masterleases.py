"""Which API servers share this store and live: a key under `/registry/masterleases/` each, renewed while it serves.

A server whose key has not changed for `TTL_S` by the reader's own clock is gone; clocks need not agree. A server that
stops takes its key away. May import: storage.interface.
"""

from collections.abc import Callable

import orjson

from kajitori.storage.interface import KeyExists, RevisionMismatch, Store

ROOT = "/registry/masterleases/"
TTL_S = 15.0
Address = tuple[str, int]


class MasterLeases:
    """`mine` is this server's advertised address and port."""

    def __init__(self, store: Store, mine: Address, monotonic: Callable[[], float]) -> None:
        self._store = store
        self.mine = mine
        self._key = f"{ROOT}{mine[0]}:{mine[1]}"
        self._monotonic = monotonic
        self._seen: dict[str, tuple[int, float]] = {}
        self._renewals = 0

    async def renew(self) -> None:
        """Say that this server lives."""
        self._renewals += 1
        value = orjson.dumps({"ip": self.mine[0], "port": self.mine[1], "renewals": self._renewals})
        found = await self._store.get(self._key)
        try:
            if found is None:
                await self._store.create(self._key, value)
            else:
                await self._store.update(self._key, value, found.revision)
        except (KeyExists, RevisionMismatch):
            return  # it was taken for dead in this moment: the next round writes it again

    async def living(self) -> list[Address]:
        """The servers that live, in order; this one is always among them. Forgets the dead."""
        now = self._monotonic()
        held = await self._store.range(ROOT)
        seen: dict[str, tuple[int, float]] = {}
        living = {self.mine}
        for item in held.items:
            revision, since = self._seen.get(item.key, (0, now))
            if revision != item.revision:
                since = now
            if now - since > TTL_S and item.key != self._key:
                await self._forget(item.key, item.revision)
                continue
            seen[item.key] = (item.revision, since)
            lease = orjson.loads(item.value)
            living.add((lease["ip"], lease["port"]))
        self._seen = seen
        return sorted(living)

    async def resign(self) -> None:
        """This server stops."""
        found = await self._store.get(self._key)
        if found is not None:
            await self._forget(found.key, found.revision)

    async def _forget(self, key: str, revision: int) -> None:
        try:
            await self._store.delete(key, revision)
        except RevisionMismatch:
            return  # it lives after all, or another server was faster
