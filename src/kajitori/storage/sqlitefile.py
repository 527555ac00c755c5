"""The file behind the SQLite store: its tables, how it is opened, and what it is asked.

One append-only table is history and values at once; a small table points from each key to its newest row:

    log(revision PRIMARY KEY, key, prev, value)        value NULL: a deletion; prev: the row this one supersedes
    current(key PRIMARY KEY, revision)

May import: nothing of the house.
"""

import sqlite3
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, prev INTEGER NOT NULL, value BLOB);
CREATE TABLE IF NOT EXISTS current (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('format', 1), ('compacted', 1), ('revision', 1);
"""
LOCK_TIMEOUT_S = 5.0
GET = "SELECT log.revision, log.value FROM current JOIN log USING (revision) WHERE current.key = ?"
RANGE = (
    "SELECT current.key, log.value, log.revision FROM current JOIN log USING (revision) "
    "WHERE current.key >= ? AND current.key < ? ORDER BY current.key LIMIT ?"
)
RANGE_AT = (
    "SELECT key, value, max(revision) FROM log WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key ORDER BY key"
)
HISTORY = "SELECT key, value, revision FROM log WHERE revision > ? ORDER BY revision"


def connect(path: Path) -> sqlite3.Connection:
    """Open or create the file, locked for as long as the connection lives, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=LOCK_TIMEOUT_S)
    for pragma in (
        "locking_mode=EXCLUSIVE",  # before WAL: then the index lives in our memory and no other process gets in
        "journal_mode=WAL",
        "synchronous=FULL",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_SCHEMA)
    return connection
