"""EncryptedStore: a store whose values are encrypted on their way in and decrypted on their way out, by resource.

Everything above it sees plain values and notices nothing, but for `is_stale`: a value that was not written with the
first provider is written again by the next update, even by one that changes nothing. That is how keys are rotated.
A value that no configured key opens ends the start of the server: it must not run without objects that it cannot read.
May import: storage.interface, encryption.*.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence

from kajitori.api.registration import Resource
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption.configuration import Entry
from kajitori.apiserver.encryption.providers import CannotRead, Identity, Provider
from kajitori.storage.interface import Event, KeyValue, RangeResult, Store, StoreUnavailable, Watch

_ROOT = len("/registry/")
_PLAIN: tuple[Provider, ...] = (Identity(),)


class Unreadable(StoreUnavailable, ConfigError):
    """A stored value that no configured key opens."""


class EncryptedStore:
    """See storage.interface.Store."""

    def __init__(self, inner: Store, entries: Sequence[Entry], resources: Iterable[Resource]) -> None:
        self._inner, self._entries = inner, tuple(entries)
        self.shared = inner.shared
        self._names = {r.storage_prefix: f"{r.plural}.{r.group}" for r in resources}
        self._providers: dict[str, tuple[Provider, ...]] = {}
        self._stale: set[str] = set()

    def configure(self, entries: Sequence[Entry]) -> None:
        """From now on these; what is stored with older keys is stale."""
        self._entries = tuple(entries)
        self._providers.clear()

    def is_stale(self, key: str) -> bool:
        """Whether the value should be written anew though nothing changes."""
        return key in self._stale

    def _for(self, key: str) -> tuple[Provider, ...]:
        first = key.find("/", _ROOT)
        prefix = key[: first + 1]
        if prefix not in self._names:
            prefix = key[: key.find("/", first + 1) + 1]
        providers = self._providers.get(prefix)
        if providers is None:
            name = self._names.get(prefix) or ".".join(reversed(prefix.strip("/").split("/")[1:]))
            # "secrets." is the core group's, which files call "secrets" or "*."
            core = name.removesuffix(".")
            found = next((e for e in self._entries if e.covers(name) or e.covers(core)), None)
            providers = self._providers[prefix] = found.providers if found else _PLAIN
        return providers

    def _seal(self, key: str, value: bytes) -> bytes:
        provider = self._for(key)[0]
        return provider.prefix + provider.encrypt(value, key.encode())

    def _open(self, key: str, value: bytes) -> bytes:
        providers = self._for(key)
        why = "no matching prefix found"
        for provider in providers:
            if not value.startswith(provider.prefix):
                continue
            try:
                opened = provider.decrypt(value[len(provider.prefix) :], key.encode())
            except CannotRead as error:
                why = str(error)
                continue
            if provider is providers[0]:
                self._stale.discard(key)
            else:
                self._stale.add(key)
            return opened
        raise Unreadable(f'unable to transform key "{key}": {why}')

    # the store

    def revision(self) -> int:
        return self._inner.revision()

    async def size(self) -> int:
        return await self._inner.size()

    async def current_revision(self) -> int:
        return await self._inner.current_revision()

    async def get(self, key: str) -> KeyValue | None:
        found = await self._inner.get(key)
        return None if found is None else found._replace(value=self._open(key, found.value))

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        found = await self._inner.range(prefix, limit=limit, after=after, revision=revision)
        items = [KeyValue(item.key, self._open(item.key, item.value), item.revision) for item in found.items]
        return RangeResult(items, found.revision, found.more)

    def create(self, key: str, value: bytes) -> Awaitable[int]:
        return self._inner.create(key, self._seal(key, value))

    def update(self, key: str, value: bytes, if_revision: int) -> Awaitable[int]:
        return self._inner.update(key, self._seal(key, value), if_revision)

    def delete(self, key: str, if_revision: int) -> Awaitable[int]:
        self._stale.discard(key)
        return self._inner.delete(key, if_revision)

    async def watch(self, prefix: str, from_revision: int) -> Watch:
        return _OpeningWatch(await self._inner.watch(prefix, from_revision), self)

    async def compact(self, revision: int) -> None:
        await self._inner.compact(revision)

    async def close(self) -> None:
        await self._inner.close()

    def opened(self, batch: Sequence[Event]) -> list[Event]:
        """A batch of events with their values decrypted."""
        return [
            event if event.value is None else event._replace(value=self._open(event.key, event.value))
            for event in batch
        ]


class _OpeningWatch:
    def __init__(self, inner: Watch, store: EncryptedStore) -> None:
        self._inner, self._store = inner, store
        self.revision = inner.revision

    def __aiter__(self) -> _OpeningWatch:
        return self

    async def __anext__(self) -> Sequence[Event]:
        batch = self._store.opened(await anext(self._inner))
        self.revision = self._inner.revision
        return batch

    def close(self) -> None:
        self._inner.close()
