"""Chooses and opens the engine. May import: storage.*, each engine only when asked for."""

from collections.abc import Sequence
from pathlib import Path

from kajitori.storage.interface import Store


async def open_storage(backend: str, data_dir: Path, etcd_servers: Sequence[str] = ()) -> Store:
    """`memory`, `sqlite` (a file in `data_dir`) or `etcd3`."""
    match backend:
        case "memory":
            from kajitori.storage.memory import MemoryStore

            return MemoryStore()
        case "sqlite":
            from kajitori.storage.sqlite import SQLiteStore

            return await SQLiteStore.open(data_dir / "store.db")
        case _:
            raise ValueError(f"storage backend {backend!r} is not available (sqlite, memory)")
