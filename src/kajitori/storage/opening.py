"""Chooses and opens the engine. May import: storage.*, each engine only when asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from kajitori.storage.interface import Store


class StorageConfig(Protocol):
    """What `open_for` reads of the API server's configuration."""

    @property
    def storage_backend(self) -> str:
        """`sqlite`, `memory` or `etcd3`."""

    @property
    def data_dir(self) -> Path:
        """Where files are kept."""

    @property
    def etcd_servers(self) -> tuple[str, ...]:
        """URLs; any of them will do."""

    @property
    def etcd_prefix(self) -> str:
        """Under which all keys stand."""

    @property
    def etcd_cafile(self) -> str: ...
    @property
    def etcd_certfile(self) -> str: ...
    @property
    def etcd_keyfile(self) -> str: ...


async def open_storage(
    backend: str,
    data_dir: Path,
    etcd_servers: Sequence[str] = (),
    *,
    etcd_prefix: str = "/registry",
    etcd_ca_file: str = "",
    etcd_cert_file: str = "",
    etcd_key_file: str = "",
) -> Store:
    """`memory`, `sqlite` (a file in `data_dir`) or `etcd3`."""
    match backend:
        case "memory":
            from kajitori.storage.memory import MemoryStore

            return MemoryStore()
        case "sqlite":
            from kajitori.storage.sqlite import SQLiteStore

            return await SQLiteStore.open(data_dir / "store.db")
        case "etcd3":
            if not etcd_servers:
                raise ValueError("--storage-backend=etcd3 needs --etcd-servers")
            from kajitori.storage.etcd import EtcdStore
            from kajitori.storage.etcdapi.channel import EtcdOptions

            return await EtcdStore.open(
                EtcdOptions(
                    servers=etcd_servers,
                    prefix=etcd_prefix,
                    ca_file=etcd_ca_file,
                    cert_file=etcd_cert_file,
                    key_file=etcd_key_file,
                )
            )
        case _:
            raise ValueError(f"storage backend {backend!r} is not available (sqlite, memory, etcd3)")


async def open_for(config: StorageConfig) -> Store:
    """The store that an API server's flags name."""
    return await open_storage(
        config.storage_backend,
        config.data_dir,
        config.etcd_servers,
        etcd_prefix=config.etcd_prefix,
        etcd_ca_file=config.etcd_cafile,
        etcd_cert_file=config.etcd_certfile,
        etcd_key_file=config.etcd_keyfile,
    )
