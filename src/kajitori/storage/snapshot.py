"""A snapshot of a store, in one format for every engine (docs/snapshots.md): lines of JSON.

    {"format":"kajitori-snapshot","version":1,"revision":R}
    {"key":"/registry/…","revision":r,"value":{…}}          one per object, in key order; or "base64": other bytes
    {"items":N,"sha256":"…"}                                over every byte before this line

A file without its last line is not whole and is refused. May import: storage.interface, msgspec, orjson.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from kajitori.storage.interface import KeyValue, Store

FORMAT, VERSION = "kajitori-snapshot", 1
ROOT = "/registry/"
TRANSIENT = "/registry/masterleases/"
CHUNK = 256 * 1024


class SnapshotError(Exception):
    """The file is no snapshot, or not a whole one; the message says what is wrong."""


class _Line(msgspec.Struct, omit_defaults=True):
    key: str = ""
    revision: int = 0
    value: msgspec.Raw = msgspec.Raw()
    base64: str = ""
    format: str = ""
    version: int = 0
    items: int = -1
    sha256: str = ""


_decode = msgspec.json.Decoder(_Line).decode


@dataclass(frozen=True)
class Snapshot:
    """What was read back."""

    revision: int
    items: list[KeyValue]


async def save(store: Store) -> AsyncIterator[bytes]:
    """The snapshot of a store as of one revision, in chunks."""
    found = await store.range(ROOT)
    digest = hashlib.sha256()
    for chunk in _chunks(found.items, found.revision, digest.update):
        yield chunk
    kept = sum(not item.key.startswith(TRANSIENT) for item in found.items)
    yield orjson.dumps({"items": kept, "sha256": digest.hexdigest()}) + b"\n"


def _chunks(items: Iterable[KeyValue], revision: int, digest: Callable[[bytes], None]) -> Iterator[bytes]:
    lines = [orjson.dumps({"format": FORMAT, "version": VERSION, "revision": revision}) + b"\n"]
    size = 0
    for item in items:
        if item.key.startswith(TRANSIENT):
            continue
        lines.append(_line(item))
        size += len(lines[-1])
        if size > CHUNK:
            chunk, lines, size = b"".join(lines), [], 0
            digest(chunk)
            yield chunk
    last = b"".join(lines)
    digest(last)
    yield last


def _line(item: KeyValue) -> bytes:
    key = orjson.dumps(item.key)
    if _is_object(item.value):  # as it is, so that it comes back byte for byte
        return b'{"key":%b,"revision":%d,"value":%b}\n' % (key, item.revision, item.value)
    return b'{"key":%b,"revision":%d,"base64":"%b"}\n' % (key, item.revision, base64.b64encode(item.value))


def _is_object(value: bytes) -> bool:
    """Whether a value is one JSON object on one line."""
    if value[:1] != b"{" or value[-1:] != b"}" or b"\n" in value:
        return False
    try:
        msgspec.json.decode(value, type=msgspec.Raw)
        value.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def load(lines: Iterable[bytes]) -> Snapshot:
    """Read a snapshot back. Raises SnapshotError."""
    digest = hashlib.sha256()
    items: list[KeyValue] = []
    revision = 0
    for number, line in enumerate(lines):
        read = _parse(line, number)
        if number == 0:
            if read.format != FORMAT or read.version != VERSION:
                raise SnapshotError("this is not a snapshot of Kajitori, or one of a later version")
            revision = read.revision
        elif read.sha256:
            if read.items != len(items) or read.sha256 != digest.hexdigest():
                raise SnapshotError("the snapshot is damaged: its checksum does not match")
            return Snapshot(revision, items)
        else:
            value = base64.b64decode(read.base64) if read.base64 else bytes(read.value)
            items.append(KeyValue(read.key, value, read.revision))
        digest.update(line)
    raise SnapshotError("the snapshot is not whole: it ends early")


def _parse(line: bytes, number: int) -> _Line:
    try:
        return _decode(line)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"line {number + 1}: {error}") from error


async def restore(store: Store, snapshot: Snapshot) -> int:
    """Fill an empty store; returns how many objects it has now. Raises SnapshotError when it is not empty.

    A SQLite store keeps each object's revision. etcd counts by itself: there, objects get new ones.
    """
    if (await store.range(ROOT, limit=1)).items:
        raise SnapshotError("the store is not empty: restore into a new one")
    fill: Any = getattr(store, "fill", None)
    if fill is not None:
        await fill(snapshot.items, snapshot.revision)
    else:
        for item in sorted(snapshot.items, key=lambda item: item.revision):
            await store.create(item.key, item.value)
    return len(snapshot.items)
