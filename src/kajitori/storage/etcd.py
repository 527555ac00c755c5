"""The store of several API servers: etcd v3, in the layout of upstream.

A key is upstream's key, a value the object's JSON, a revision etcd's mod revision. Each write is one transaction that
compares the key's mod revision. Reads are linearizable; `current_revision` is the cheapest of them, and those who ask
at the same time share one.

A watch follows all keys of the cluster, not only its prefix: so it knows of every revision, and `Watch.revision`
reaches whatever `current_revision` told. (Progress notifications would tell too, but before 3.4.25 and 3.5.8 etcd may
send them ahead of events.) Give the API servers an etcd of their own.

A lost connection is made again, to the next endpoint; a watch goes on where it was. May import: storage.interface,
storage.etcdapi.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from kajitori.storage.etcdapi import etcd_pb2 as pb
from kajitori.storage.etcdapi.channel import LOST, Cluster, EtcdOptions
from kajitori.storage.etcdapi.stream import Stream
from kajitori.storage.interface import (
    Compacted,
    Event,
    KeyExists,
    KeyValue,
    RangeResult,
    RevisionMismatch,
    StoreClosed,
    StoreUnavailable,
)

PAGE = 5_000
RECONNECT_S = 1.0
ROOT = "/registry"
_ALL = b"\0"


class EtcdStore:
    """Open with `await EtcdStore.open(options)`."""

    shared = True

    def __init__(self, options: EtcdOptions) -> None:
        self._cluster = Cluster(options)
        self._prefix = (
            options.prefix.rstrip("/") if options.prefix.startswith("/") else f"/{options.prefix}".rstrip("/")
        )
        self._revision = 0
        self._closed = False
        self._reading = asyncio.Lock()
        self._next_read: asyncio.Future[int] | None = None

    @classmethod
    async def open(cls, options: EtcdOptions) -> "EtcdStore":
        """Connect. Raises StoreUnavailable when no server answers."""
        store = cls(options)
        try:
            await store.current_revision()
        except BaseException:
            store._cluster.close()
            raise
        return store

    def revision(self) -> int:
        """See Store."""
        return self._revision

    async def current_revision(self) -> int:
        """See Store. A read that is under way may have been answered before this call: everybody waits for the next."""
        while True:
            joined = self._next_read
            if joined is not None:
                revision = await asyncio.shield(joined)
                if revision:
                    return revision
                continue  # who was to read it has been cancelled or failed: do it ourselves
            mine = self._next_read = asyncio.get_running_loop().create_future()
            revision = 0
            try:
                async with self._reading:
                    self._next_read = None
                    found = await self._range(b"\0", b"", limit=1, keys_only=True)
                    revision = found.header.revision
                return revision
            finally:
                if self._next_read is mine:
                    self._next_read = None
                if not mine.done():
                    mine.set_result(revision)

    # keys

    def _physical(self, key: str) -> bytes:
        return (key if self._prefix == ROOT else self._prefix + key.removeprefix(ROOT)).encode()

    def _logical(self, key: bytes) -> str:
        text = key.decode("utf-8", "surrogateescape")
        return text if self._prefix == ROOT else ROOT + text.removeprefix(self._prefix)

    # reading

    async def get(self, key: str) -> KeyValue | None:
        """See Store."""
        found = await self._range(self._physical(key), b"")
        return KeyValue(key, found.kvs[0].value, found.kvs[0].mod_revision) if found.kvs else None

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        """See Store. Read in pages, all of one revision."""
        start, end = self._physical(prefix), _end(self._physical(prefix))
        if after:
            start = max(start, self._physical(after) + b"\0")
        items: list[KeyValue] = []
        at = revision
        while True:
            page = min(limit - len(items), PAGE) if limit else PAGE
            found = await self._range(start, end, limit=page, revision=at)
            at = at or found.header.revision
            items.extend(KeyValue(self._logical(kv.key), kv.value, kv.mod_revision) for kv in found.kvs)
            if not found.more or (limit and len(items) >= limit):
                return RangeResult(items, at, found.more)
            start = found.kvs[-1].key + b"\0"

    async def _range(
        self, key: bytes, end: bytes, *, limit: int = 0, revision: int = 0, keys_only: bool = False
    ) -> pb.RangeResponse:
        request = pb.RangeRequest(key=key, range_end=end, limit=limit, revision=revision, keys_only=keys_only)
        try:
            found: pb.RangeResponse = self._seen(await self._call("KV/Range", request, pb.RangeResponse, reads=True))
            return found
        except Compacted:
            raise Compacted(revision + 1) from None

    def _seen(self, answer: Any) -> Any:
        self._revision = max(self._revision, answer.header.revision)
        return answer

    async def _call(self, method: str, request: Any, answer: type[Any], *, reads: bool = False) -> Any:
        if self._closed:
            raise StoreClosed("the store is closed")
        return await self._cluster.call(method, request, answer, reads=reads)

    # writing

    async def create(self, key: str, value: bytes) -> int:
        """See Store."""
        try:
            return await self._write(key, 0, pb.RequestOp(request_put=self._put(key, value)))
        except RevisionMismatch:
            raise KeyExists(key) from None

    async def update(self, key: str, value: bytes, if_revision: int) -> int:
        """See Store."""
        return await self._write(key, if_revision, pb.RequestOp(request_put=self._put(key, value)))

    async def delete(self, key: str, if_revision: int) -> int:
        """See Store."""
        gone = pb.DeleteRangeRequest(key=self._physical(key))
        return await self._write(key, if_revision, pb.RequestOp(request_delete_range=gone))

    def _put(self, key: str, value: bytes) -> pb.PutRequest:
        return pb.PutRequest(key=self._physical(key), value=value)

    async def _write(self, key: str, if_revision: int, action: pb.RequestOp) -> int:
        name = self._physical(key)
        request = pb.TxnRequest(
            compare=[pb.Compare(target=pb.Compare.MOD, key=name, mod_revision=if_revision)],
            success=[action],
            failure=[pb.RequestOp(request_range=pb.RangeRequest(key=name, keys_only=True))],
        )
        answer = self._seen(await self._call("KV/Txn", request, pb.TxnResponse))
        if not answer.succeeded:
            there = answer.responses[0].response_range.kvs
            raise RevisionMismatch(key, there[0].mod_revision if there else 0)
        return int(answer.header.revision)

    # the rest

    async def watch(self, prefix: str, from_revision: int) -> "EtcdWatch":
        """See Store."""
        await self._range(_ALL, b"", limit=1, revision=from_revision, keys_only=True)  # raises Compacted
        return EtcdWatch(self, prefix, from_revision)

    async def size(self) -> int:
        """See Store. Of the member that is asked."""
        status: pb.StatusResponse = await self._call("Maintenance/Status", pb.StatusRequest(), pb.StatusResponse)
        return status.db_size

    async def compact(self, revision: int) -> None:
        """See Store. That another server has been there before is fine."""
        try:
            await self._call("KV/Compact", pb.CompactionRequest(revision=revision), pb.CompactionResponse)
        except Compacted:
            return

    async def close(self) -> None:
        """See Store."""
        self._closed = True
        self._cluster.close()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed


class EtcdWatch:
    """One Watch stream, made again when it breaks. Single reader."""

    def __init__(self, store: EtcdStore, prefix: str, from_revision: int) -> None:
        self._store = store
        self._prefix = store._physical(prefix)
        self.revision = from_revision
        self._stream: Stream | None = None
        self._scope: asyncio.Timeout | None = None
        self._closed = False

    def __aiter__(self) -> "EtcdWatch":
        return self

    def close(self) -> None:
        """See Watch."""
        self._closed = True
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def __anext__(self) -> Sequence[Event]:
        while not self._closed:
            try:
                async with asyncio.timeout(None) as self._scope:
                    events = await self._receive()
            except LOST:
                self._drop()
                if self._store.closed:
                    raise StoreClosed("the store is closed") from None
                if not self._closed:
                    self._store._cluster.skip()
                    await asyncio.sleep(RECONNECT_S)
                continue
            except BaseException:
                self._drop()
                raise
            finally:
                self._scope = None
            if events is not None:
                return events
        self._drop()
        raise StopAsyncIteration

    async def _receive(self) -> list[Event] | None:
        """The events of the next message."""
        if self._store.closed:
            raise StoreClosed("the store is closed")
        if self._stream is None:
            create = pb.WatchCreateRequest(key=_ALL, range_end=_ALL, start_revision=self.revision + 1, fragment=True)
            self._stream = await self._store._cluster.open("Watch/Watch", pb.WatchRequest(create_request=create))
        answer = pb.WatchResponse.FromString(await self._stream.receive())
        if answer.compact_revision:
            raise Compacted(answer.compact_revision)
        if answer.canceled:
            raise StoreUnavailable(f"etcd ended the watch: {answer.cancel_reason}")
        if not answer.events:
            return None
        last = answer.events[-1].kv.mod_revision
        self.revision = last - 1 if answer.fragment else last  # a fragment may cut a revision in two
        self._store._revision = max(self._store._revision, self.revision)
        return [
            Event(
                self._store._logical(event.kv.key),
                event.kv.value if event.type == pb.Event.PUT else None,
                event.kv.mod_revision,
            )
            for event in answer.events
            if event.kv.key.startswith(self._prefix)
        ]

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def _end(prefix: bytes) -> bytes:
    """The first key after all that start with `prefix`."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else _ALL
