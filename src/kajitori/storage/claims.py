"""Values that only one may have, over a store that several servers write: Service addresses and node ports.

A claim is a key of its own, `/registry/claims/KIND/VALUE`, created before the object that uses the value and deleted
after it, so two servers never give out the same. What a crash leaves behind is swept: a claim that nobody uses in two
rounds in a row. May import: storage.interface.
"""

from collections.abc import Callable, Iterable

from kajitori.storage.interface import KeyExists, RevisionMismatch, Store

ROOT = "/registry/claims/"


class Claims:
    """The claims of one kind."""

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self._prefix = f"{ROOT}{kind}/"
        self._unused: dict[str, int] = {}

    async def take(self, values: Iterable[str], owner: str) -> list[str]:
        """Claim all values for an owner, or none: returns those that somebody else has."""
        mine: list[str] = []
        for value in values:
            try:
                await self._store.create(self._prefix + value, owner.encode())
            except KeyExists:
                await self.release(mine)
                return [value]
            mine.append(value)
        return []

    async def release(self, values: Iterable[str]) -> None:
        """Give values up; those that nobody has are ignored."""
        for value in values:
            found = await self._store.get(self._prefix + value)
            if found is not None:
                await self._remove(found.key, found.revision)

    async def sweep(self, used: Callable[[str], bool]) -> int:
        """Delete claims that were not used in this round and the one before; returns how many."""
        held = await self._store.range(self._prefix)
        unused = {item.key: item.revision for item in held.items if not used(item.key.removeprefix(self._prefix))}
        again = [key for key, revision in unused.items() if self._unused.get(key) == revision]
        for key in again:
            await self._remove(key, unused.pop(key))
        self._unused = unused
        return len(again)

    async def _remove(self, key: str, revision: int) -> None:
        try:
            await self._store.delete(key, revision)
        except RevisionMismatch:
            return  # somebody else was faster, which is as good
