"""The embedded durable store: SQLite in WAL mode with group commit.

Writes that arrive while a commit is being synced wait in line and then share one transaction and one fsync. Their
statements run on the event loop (microseconds in the page cache; a second thread would lose more to the GIL at each
statement), the COMMIT with its fsync in this store's one executor thread. Between handing over a commit and hearing
back, nothing else touches the connection. A write is acknowledged, published to watchers and counted in `revision()`
only after its COMMIT with synchronous=FULL has returned.

May import: storage.{feed,interface,sqlitefile}.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from kajitori.storage.feed import Feed, FeedWatch
from kajitori.storage.interface import (
    Compacted,
    Event,
    KeyExists,
    KeyValue,
    RangeResult,
    RevisionMismatch,
    StoreClosed,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from kajitori.storage.sqlitefile import GET, HISTORY, RANGE, RANGE_AT, connect

T = TypeVar("T")
MAX_BATCH = 512
COMPACT_CHUNK = 2_000
_HIGHEST = "\U0010ffff"


@dataclass(slots=True)
class _Write:
    key: str
    value: bytes | None
    if_revision: int  # -1: the key must not exist
    done: asyncio.Future[int]


class SQLiteStore:
    """Open with `await SQLiteStore.open(path)`. One process at a time: the file is locked for the store's life."""

    shared = False

    def __init__(self, connection: sqlite3.Connection, executor: ThreadPoolExecutor, path: Path) -> None:
        self._db = connection
        self._path = path
        self._executor = executor
        self._feed = Feed()
        self._queue: list[_Write] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False  # a commit is under way, or someone in `_exclusive` has the connection
        self._closed = False
        self._committer: asyncio.Future[None] | None = None
        number: dict[str, int] = dict(connection.execute("SELECT name, number FROM meta").fetchall())
        newest: int = connection.execute("SELECT max(revision) FROM log").fetchone()[0] or 0
        self._revision = max(number["revision"], newest)
        self._compacted = number["compacted"]

    @classmethod
    async def open(cls, path: Path) -> "SQLiteStore":
        """Open or create the database file (readable by its owner alone)."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        try:
            connection = connect(path)
        except sqlite3.Error as error:
            executor.shutdown(wait=False)
            raise StoreUnavailable(f"{path}: {error}") from error
        return cls(connection, executor, path)

    def revision(self) -> int:
        """See Store."""
        return self._revision

    async def current_revision(self) -> int:
        """See Store."""
        return self._revision

    # Reading. The API server reads at start only; afterwards its watch cache answers.

    async def size(self) -> int:
        """See Store. The write-ahead log counts."""
        files = [Path(f"{self._path}{ending}") for ending in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists())

    async def get(self, key: str) -> KeyValue | None:
        """See Store."""
        row = await self._exclusive(lambda: self._db.execute(GET, (key,)).fetchone())
        return KeyValue(key, row[1], row[0]) if row else None

    async def range(self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0) -> RangeResult:
        """See Store."""
        bounds = (max(prefix, after + "\0" if after else ""), prefix + _HIGHEST)

        def read() -> tuple[list[tuple[str, bytes, int]], int]:
            now = self._revision
            if not revision or revision >= now:
                return self._db.execute(RANGE, (*bounds, limit + 1 if limit else -1)).fetchall(), now
            if revision < self._compacted:
                raise Compacted(self._compacted)
            rows = self._db.execute(RANGE_AT, (*bounds, revision)).fetchall()
            return [row for row in rows if row[1] is not None][: limit + 1 if limit else None], revision

        rows, at = await self._exclusive(read)
        more = bool(limit) and len(rows) > limit
        return RangeResult([KeyValue(*row) for row in (rows[:limit] if more else rows)], at, more)

    async def watch(self, prefix: str, from_revision: int) -> FeedWatch:
        """See Store."""

        def start() -> FeedWatch:
            if from_revision < self._compacted:
                raise Compacted(self._compacted)
            rows = self._db.execute(HISTORY, (from_revision,)).fetchall() if from_revision < self._revision else []
            history = [Event(*row) for row in rows if row[0].startswith(prefix)]
            return self._feed.add(prefix, history, from_revision)

        return await self._exclusive(start)

    # Writing.

    def create(self, key: str, value: bytes) -> asyncio.Future[int]:
        """See Store."""
        return self._enqueue(key, value, -1)

    def update(self, key: str, value: bytes, if_revision: int) -> asyncio.Future[int]:
        """See Store."""
        return self._enqueue(key, value, if_revision)

    def delete(self, key: str, if_revision: int) -> asyncio.Future[int]:
        """See Store."""
        return self._enqueue(key, None, if_revision)

    def _enqueue(self, key: str, value: bytes | None, if_revision: int) -> asyncio.Future[int]:
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._closed:
            done.set_exception(StoreClosed("the store is closed"))
            return done
        self._queue.append(_Write(key, value, if_revision, done))
        if not self._busy:
            self._busy = True
            # one turn of the loop later, so that requests read in the same turn share the transaction
            asyncio.get_running_loop().call_soon(self._next_batch)
        return done

    def _next_batch(self) -> None:
        """Run what is queued as one transaction, then sync it in the executor. Called with `_busy` set."""
        batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
        loop = asyncio.get_running_loop()
        try:
            applied = self._apply(batch)
        except sqlite3.Error as error:
            self._fail(batch, error)
            return
        if not applied:
            self._rollback()
            self._release()
            return
        self._committer = loop.run_in_executor(self._executor, self._db.commit)
        self._committer.add_done_callback(lambda future: self._committed(future, batch, applied))

    def _apply(self, batch: list[_Write]) -> list[tuple[_Write, Event]]:
        """Execute the writes inside one open transaction; refused ones hear of it at once."""
        execute = self._db.execute
        execute("BEGIN IMMEDIATE")
        revision = self._revision
        applied: list[tuple[_Write, Event]] = []
        for write in batch:
            if write.done.cancelled():
                continue
            row = execute("SELECT revision FROM current WHERE key = ?", (write.key,)).fetchone()
            refusal = _refusal(write, row[0] if row else 0)
            if refusal is not None:
                write.done.set_exception(refusal)
                continue
            revision += 1
            execute("INSERT INTO log VALUES (?, ?, ?, ?)", (revision, write.key, row[0] if row else 0, write.value))
            if write.value is None:
                execute("DELETE FROM current WHERE key = ?", (write.key,))
            else:
                execute("INSERT OR REPLACE INTO current VALUES (?, ?)", (write.key, revision))
            applied.append((write, Event(write.key, write.value, revision)))
        return applied

    def _committed(
        self, future: asyncio.Future[None], batch: list[_Write], applied: list[tuple[_Write, Event]]
    ) -> None:
        error = future.exception()
        if error is not None:
            self._fail(batch, error)
            return
        self._revision = applied[-1][1].revision
        self._feed.publish([event for _, event in applied])  # before the writers, so their next read sees it
        for write, event in applied:
            if not write.done.done():
                write.done.set_result(event.revision)
        self._release()

    def _fail(self, batch: list[_Write], error: BaseException) -> None:
        self._rollback()
        for write in batch:
            if not write.done.done():
                write.done.set_exception(_translated(error))
        self._release()

    def _rollback(self) -> None:
        if self._db.in_transaction:
            self._db.rollback()

    def _release(self) -> None:
        """The connection is free: the next batch, or whoever waits in `_exclusive`."""
        self._committer = None
        while self._waiting:
            turn = self._waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                return
        if self._queue:
            self._next_batch()
        else:
            self._busy = False

    async def _exclusive(self, act: Callable[[], T]) -> T:
        """Run `act` on the event loop while no commit is under way."""
        if self._closed:
            raise StoreClosed("the store is closed")
        if self._busy:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._busy = True
        try:
            return act()
        except sqlite3.Error as error:
            raise _translated(error) from error
        finally:
            self._release()

    async def compact(self, revision: int) -> None:
        """See Store. Works in chunks, so that writers wait for milliseconds only."""
        target = min(revision, self._revision)
        while self._compacted < target:
            upto = min(target, self._compacted + COMPACT_CHUNK)
            await self._exclusive(partial(self._compact_chunk, upto))

    def _compact_chunk(self, upto: int) -> None:
        step = (self._compacted, upto)
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "DELETE FROM log WHERE revision IN "
                "(SELECT prev FROM log WHERE revision > ? AND revision <= ? AND prev > 0)",
                step,
            )
            self._db.execute("DELETE FROM log WHERE value IS NULL AND revision > ? AND revision <= ?", step)
            self._db.execute("UPDATE meta SET number = ? WHERE name = 'compacted'", (upto,))
            self._db.execute("UPDATE meta SET number = ? WHERE name = 'revision'", (self._revision,))
        self._compacted = upto

    async def fill(self, items: Sequence[KeyValue], revision: int) -> None:
        """Take over the state of another store at a revision (snapshots). Only an empty store can."""

        def write() -> None:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany(
                    "INSERT INTO log VALUES (?, ?, 0, ?)", ((item.revision, item.key, item.value) for item in items)
                )
                self._db.executemany("INSERT INTO current VALUES (?, ?)", ((item.key, item.revision) for item in items))
                self._db.execute("UPDATE meta SET number = ? WHERE name IN ('compacted', 'revision')", (revision,))
            self._revision = self._compacted = revision

        await self._exclusive(write)

    async def close(self) -> None:
        """See Store. Writes already queued are finished first."""
        if self._closed:
            return
        self._closed = True
        while self._busy:
            if self._committer is not None:
                await asyncio.wait([self._committer])
            await asyncio.sleep(0)
        self._feed.close()
        self._db.close()
        self._executor.shutdown()


def _refusal(write: _Write, current: int) -> StoreError | None:
    if write.if_revision == -1:
        return KeyExists(write.key) if current else None
    return RevisionMismatch(write.key, current) if current != write.if_revision else None


def _translated(error: BaseException) -> StoreUnavailable:
    is_full = isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return StoreFull(f"no room on the API server's disk: {error}") if is_full else StoreUnavailable(str(error))
