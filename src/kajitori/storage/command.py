"""`kajitori snapshot save|restore`: the whole store to a file and back.

`save` asks a running API server (the kubeconfig's user must be cluster-admin), or reads a store by itself: a data
directory whose server is stopped, or etcd. `restore` fills an empty data directory or an empty etcd. Files are written
whole or not at all, and readable by their owner alone: they hold every Secret. May import: storage, client, aiokit.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from typing import BinaryIO

from kajitori.aiokit.flags import Flags, Options
from kajitori.aiokit.main import run_main
from kajitori.storage.interface import Store, StoreError
from kajitori.storage.opening import open_storage
from kajitori.storage.snapshot import SnapshotError, load, restore, save

SERVER_PATH = "/kajitori/snapshot"
_TEXT = """Save the store of a cluster to a file, or restore it.

  kajitori snapshot save FILE [--kubeconfig=F | --data-dir=D | --etcd-servers=URLS]
  kajitori snapshot restore FILE (--data-dir=D | --etcd-servers=URLS)"""


def main(argv: Sequence[str]) -> int:
    """The process: returns its exit code."""
    flags = Flags("kajitori snapshot", _TEXT, takes_arguments=True)
    flags.string("kubeconfig", "", "Save from the running API server that this file names.")
    flags.string("data-dir", "", "The data directory of a stopped API server (SQLite).")
    flags.strings("etcd-servers", [], "etcd endpoints.")
    flags.string("etcd-prefix", "/registry", "What the keys in etcd begin with.")
    flags.string("etcd-cafile", "", "CAs of the etcd servers' certificates.")
    flags.string("etcd-certfile", "", "The client certificate shown to etcd.")
    flags.string("etcd-keyfile", "", "The key of --etcd-certfile.")
    options = flags.parse_or_exit(argv)
    if len(options.args) != 2 or options.args[0] not in ("save", "restore"):
        sys.stderr.write(f"{_TEXT}\n")
        return 2
    act = _save if options.args[0] == "save" else _restore
    return run_main(lambda: _reported(act(Path(options.args[1]), options)))


async def _reported(act: Coroutine[None, None, str]) -> int:
    from kajitori.client.config import ConfigError
    from kajitori.machinery.errors import StatusError

    try:
        sys.stdout.write(await act + "\n")
    except (SnapshotError, StoreError, StatusError, ConfigError, OSError, ValueError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def _data_dir(options: Options) -> Path:
    return Path(options["data-dir"]).expanduser()


def _has_store(options: Options) -> bool:
    return (_data_dir(options) / "store.db").exists()


async def _open(options: Options) -> Store:
    servers = options["etcd-servers"]
    return await open_storage(
        "etcd3" if servers else "sqlite",
        _data_dir(options),
        servers,
        etcd_prefix=options["etcd-prefix"],
        etcd_ca_file=options["etcd-cafile"],
        etcd_cert_file=options["etcd-certfile"],
        etcd_key_file=options["etcd-keyfile"],
    )


async def _save(path: Path, options: Options) -> str:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            await _write(file, options)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        with temporary.open("rb") as file:
            snapshot = load(file)  # what a server sent may have ended early: only a whole one is kept
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return f"Snapshot saved at {path}: {len(snapshot.items)} objects at revision {snapshot.revision}"


async def _write(file: BinaryIO, options: Options) -> None:
    if not options["data-dir"] and not options["etcd-servers"]:
        async for chunk in _from_server(options["kubeconfig"]):
            file.write(chunk)
        return
    if options["data-dir"] and not _has_store(options):
        raise SnapshotError(f"there is no store in {options['data-dir']}")
    store = await _open(options)
    try:
        async for chunk in save(store):
            file.write(chunk)
    finally:
        await store.close()


async def _from_server(kubeconfig: str) -> AsyncIterator[bytes]:
    from kajitori.client.component import rest_config
    from kajitori.client.raw import RawClient

    client = RawClient(rest_config(kubeconfig))
    try:
        async with client.raw_stream("GET", SERVER_PATH) as stream:
            async for chunk in stream:
                yield chunk
    finally:
        await client.close()


async def _restore(path: Path, options: Options) -> str:
    if bool(options["data-dir"]) == bool(options["etcd-servers"]):
        raise ValueError("say where to restore to: --data-dir or --etcd-servers")
    with path.open("rb") as file:
        snapshot = load(file)
    store = await _open(options)
    try:
        count = await restore(store, snapshot)
    finally:
        await store.close()
    return f"Restored {count} objects of revision {snapshot.revision}"
