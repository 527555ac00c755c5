"""EncryptedStore: a store whose values are encrypted on their way in and decrypted on their way out, by resource.

Everything above it sees plain values and notices nothing, but for `is_stale`: a value that was not written with the
first provider's present key is written again by the next update, even by one that changes nothing. That is how keys are
rotated. A value that no configured key opens ends the start of the server: it must not run without objects that it
cannot read. KMS providers are asked how they are by `run`, and `start` waits a while for those that are not well yet.
May import: storage.interface, encryption.*.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress

from kajitori.api.registration import Resource
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption.configuration import Entry
from kajitori.apiserver.encryption.providers import CannotRead, Identity, Provider, Remote
from kajitori.storage.interface import Event, KeyValue, RangeResult, Store, StoreUnavailable, Watch

START_S, RETRY_S = 10.0, 0.1
REMOTE = b"k8s:enc:kms:"
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
        self._written_with: dict[str, bytes] = {}  # by which key, where there are any
        self._replaced = asyncio.Event()

    def configure(self, entries: Sequence[Entry]) -> None:
        """From now on these; what is stored with older keys is stale."""
        old, self._entries = self._entries, tuple(entries)
        self._providers.clear()
        for provider in _kms(old):
            provider.close()
        self._replaced.set()

    async def adopt(self, entries: Sequence[Entry]) -> None:
        """`configure`, once the KMS providers among these are well. Raises ConfigError when they are not."""
        await _prepared(_kms(entries))
        if problem := _health(_kms(entries)):
            for provider in _kms(entries):
                provider.close()
            raise ConfigError(problem)
        self.configure(entries)

    def is_stale(self, key: str) -> bool:
        """Whether the value should be written anew though nothing changes."""
        written = self._written_with.get(key)
        return written is not None and written != _key_of(self._for(key)[0])

    @property
    def kms(self) -> bool:
        """Whether there are KMS providers."""
        return bool(_kms(self._entries))

    def health(self) -> str:
        """What is wrong with the KMS providers; "" when nothing is."""
        return _health(_kms(self._entries))

    async def start(self) -> None:
        """Have the KMS providers ready, or go on without after a while: perhaps nothing is read that needs them."""
        await _prepared(_kms(self._entries))

    async def run(self) -> None:
        """Keep asking the KMS providers, until cancelled."""
        while True:
            self._replaced.clear()
            providers = _kms(self._entries)
            for provider in providers:
                if provider.due <= time.monotonic():
                    await provider.check()
            pause = max(min(provider.due for provider in providers) - time.monotonic(), 0) if providers else None
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._replaced.wait()

    def _for(self, key: str) -> tuple[Provider, ...]:
        first = key.find("/", _ROOT)
        prefix = key[: first + 1]
        if prefix not in self._names:
            prefix = key[: key.find("/", first + 1) + 1]
        providers = self._providers.get(prefix)
        if providers is None:
            name = self._names.get(prefix) or ".".join(reversed(prefix.strip("/").split("/")[1:]))
            providers = self._providers[prefix] = _covering(self._entries, name)
        return providers

    def _seal(self, key: str, value: bytes) -> bytes:
        provider = self._for(key)[0]
        return provider.prefix + provider.encrypt(value, key.encode())

    async def _fetch(self, key: str, value: bytes) -> None:
        """Ask for what KMS providers need to open a value; one that cannot be had shows when it is opened."""
        for provider in self._for(key):
            if isinstance(provider, Remote) and value.startswith(provider.prefix):
                try:
                    await provider.fetch(value[len(provider.prefix) :])
                except CannotRead as error:
                    raise Unreadable(f'unable to transform key "{key}": {error}') from error

    def _open(self, key: str, value: bytes) -> bytes:
        providers = self._for(key)
        why = "no matching prefix found"
        for provider in providers:
            if not value.startswith(provider.prefix):
                continue
            try:
                body = value[len(provider.prefix) :]
                opened = provider.decrypt(body, key.encode())
            except CannotRead as error:
                why = str(error)
                continue
            if providers is not _PLAIN:
                written = provider.written_with(body) if isinstance(provider, Remote) else b""
                self._written_with[key] = provider.prefix + written
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
        if found is None:
            return None
        await self._fetch(key, found.value)
        return found._replace(value=self._open(key, found.value))

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        found = await self._inner.range(prefix, limit=limit, after=after, revision=revision)
        for item in found.items:
            if item.value.startswith(REMOTE):
                await self._fetch(item.key, item.value)
        items = [KeyValue(item.key, self._open(item.key, item.value), item.revision) for item in found.items]
        return RangeResult(items, found.revision, found.more)

    def create(self, key: str, value: bytes) -> Awaitable[int]:
        return self._inner.create(key, self._seal(key, value))

    def update(self, key: str, value: bytes, if_revision: int) -> Awaitable[int]:
        return self._inner.update(key, self._seal(key, value), if_revision)

    def delete(self, key: str, if_revision: int) -> Awaitable[int]:
        self._written_with.pop(key, None)
        return self._inner.delete(key, if_revision)

    async def watch(self, prefix: str, from_revision: int) -> Watch:
        return _OpeningWatch(await self._inner.watch(prefix, from_revision), self)

    async def compact(self, revision: int) -> None:
        await self._inner.compact(revision)

    async def close(self) -> None:
        for provider in _kms(self._entries):
            provider.close()
        await self._inner.close()

    async def opened(self, batch: Sequence[Event]) -> list[Event]:
        """A batch of events with their values decrypted."""
        for event in batch:
            if event.value is not None and event.value.startswith(REMOTE):
                await self._fetch(event.key, event.value)
        return [
            event if event.value is None else event._replace(value=self._open(event.key, event.value))
            for event in batch
        ]


def _covering(entries: Sequence[Entry], name: str) -> tuple[Provider, ...]:
    """Of all entries with the name that covers a resource: those after the first only read."""
    rule = next((rule for entry in entries if (rule := entry.rule_for(name))), "")
    found = [provider for entry in entries if rule and rule in entry.resources for provider in entry.providers]
    return tuple(found) or _PLAIN


def _kms(entries: Iterable[Entry]) -> list[Remote]:
    return [provider for entry in entries for provider in entry.providers if isinstance(provider, Remote)]


def _key_of(provider: Provider) -> bytes:
    """What tells the key that a provider writes with from all others."""
    return provider.prefix + (provider.writes_with if isinstance(provider, Remote) else b"")


def _health(providers: Sequence[Remote]) -> str:
    problems = [f"kms-provider-{at}: {one.problem}" for at, one in enumerate(providers) if one.problem]
    return problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]" if problems else ""


async def _prepared(providers: Sequence[Remote]) -> None:
    """Ask until all are well, for `START_S` at most."""
    end = time.monotonic() + START_S
    while True:
        for provider in providers:
            if provider.problem:
                await provider.check()
        if not any(provider.problem for provider in providers) or time.monotonic() >= end:
            return
        await asyncio.sleep(RETRY_S)


class _OpeningWatch:
    def __init__(self, inner: Watch, store: EncryptedStore) -> None:
        self._inner, self._store = inner, store
        self.revision = inner.revision

    def __aiter__(self) -> _OpeningWatch:
        return self

    async def __anext__(self) -> Sequence[Event]:
        batch = await self._store.opened(await anext(self._inner))
        self.revision = self._inner.revision
        return batch

    def close(self) -> None:
        self._inner.close()
