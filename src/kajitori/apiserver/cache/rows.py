"""Table rows that are kept as bytes: an object's cells are made once per version, with holes where ages go.

A row's object (includeObject=Metadata) is a slice of the object's own bytes. What is kept per object is its few cells
and two numbers, and only for resources that somebody looks at as a Table.
May import: cache.entry, api.{registration,strategy}, machinery.times.
"""

import asyncio
import functools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict, get_type_hints

import msgspec
import orjson

from kajitori.api.registration import Resource
from kajitori.api.strategy import Strategy
from kajitori.apiserver.cache.entry import Entry
from kajitori.machinery.times import PLACEHOLDER, OpenNow, human_duration

_LATER = OpenNow(2000, 1, 1, tzinfo=UTC)
_MARK = PLACEHOLDER.encode()
_METADATA = b'"metadata":'
BATCH = 100


class _Metadata(TypedDict, total=False):
    """ObjectMeta without managedFields, which is half of many an object and shown in no row."""

    name: str
    namespace: str
    uid: str
    generation: int
    resourceVersion: str
    creationTimestamp: str
    deletionTimestamp: str
    deletionGracePeriodSeconds: int
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: list[str]
    ownerReferences: list[Any]


_metadata = msgspec.json.Decoder(_Metadata).decode


@functools.cache
def _view(reads: type | None) -> Callable[[bytes], Any]:
    """Decodes what a kind's rows read; the metadata stays as it lies in the object's bytes."""
    fields = get_type_hints(reads) if reads else {}
    view = TypedDict("View", {**fields, "metadata": msgspec.Raw}, total=False)  # type: ignore[misc]  # made at run time
    return msgspec.json.Decoder(view).decode


class Row(NamedTuple):
    """`parts` are bytes and moments in turn; `start` and `end` say where the metadata is in the object's bytes."""

    strategy: Strategy
    parts: tuple[bytes, ...]
    start: int
    end: int


def make_row(resource: Resource, entry: Entry) -> Row:
    """The row of an entry, from as much of its object as the cells need."""
    data, strategy = entry.data, resource.strategy
    start = data.index(_METADATA) + len(_METADATA)
    try:
        obj = _view(strategy.reads)(data)
        metadata = obj["metadata"]
        obj["metadata"] = _metadata(metadata)
    except msgspec.ValidationError:  # stored in a form that is not of its type, null where there may be none
        metadata, obj = _view(None)(data)["metadata"], orjson.loads(data)
    end = start + len(memoryview(metadata))
    if strategy.reads is None:
        obj["kind"], obj["apiVersion"] = resource.kind, resource.group_version
        if data[end : end + 1] == b",":  # what follows metadata, see `encode_for_storage`
            obj.update(orjson.loads(b"{%b" % data[end + 1 :]))
    cells = orjson.dumps(strategy.row(obj, _LATER))
    if conditions := strategy.row_conditions(obj):
        cells += b',"conditions":%b' % orjson.dumps(conditions)
    return Row(strategy, tuple(cells.split(_MARK)), start, end)


class Ages(dict[bytes, bytes]):
    """How old is what began at a moment: worked out once for all rows that began together."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now.timestamp()

    def __missing__(self, moment: bytes) -> bytes:
        self[moment] = text = human_duration(self._now - float(moment)).encode()
        return text


def row_of(resource: Resource, entry: Entry) -> Row:
    """The row that an entry keeps, made if nobody has looked at it before."""
    row: Row | None = entry.row
    if row is None or row.strategy is not resource.strategy:
        row = entry.row = make_row(resource, entry)
    return row


async def make_rows(resource: Resource, entries: Iterable[Entry]) -> None:
    """Have all of them at hand. Making many takes a while: others get their turn in between."""
    strategy = resource.strategy
    unseen = [entry for entry in entries if entry.row is None or entry.row.strategy is not strategy]
    for at, entry in enumerate(unseen, 1):
        entry.row = make_row(resource, entry)
        if at % BATCH == 0:
            await asyncio.sleep(0)


def rows(resource: Resource, entries: Iterable[Entry], include: str, now: datetime, version: str) -> Iterator[bytes]:
    """Each entry's row; `include` is the request's includeObject: None, Metadata (default) or Object."""
    ages, shown = Ages(now), _shown(include, version)
    for entry in entries:
        row = row_of(resource, entry)
        parts = row.parts
        if len(parts) == 3:
            yield b'{"cells":%b%b%b%b' % (parts[0], ages[parts[1]], parts[2], shown(entry, row))
        else:
            cells = b"".join(ages[part] if at % 2 else part for at, part in enumerate(parts))
            yield b'{"cells":%b%b' % (cells, shown(entry, row))


def _shown(include: str, version: str) -> Callable[[Entry, Row], bytes]:
    """What follows a row's cells."""
    if include == "None":
        return lambda entry, row: b',"object":null}'
    if include == "Object":
        return lambda entry, row: b',"object":%b}' % entry.data
    head = b',"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/%b","metadata":' % version.encode()
    return lambda entry, row: b"%b%b}}" % (head, entry.data[row.start : row.end])


def table(columns: Any, rows_: Iterable[bytes], metadata: Any, version: str) -> list[bytes]:
    """A whole Table of such rows, in parts."""
    head = orjson.dumps(
        {
            "kind": "Table",
            "apiVersion": f"meta.k8s.io/{version}",
            "metadata": metadata,
            "columnDefinitions": columns,
            "rows": [],
        }
    )
    found = list(rows_)
    if not found:
        return [head]
    parts = [b","] * (2 * len(found) + 1)
    parts[1::2] = found
    parts[0], parts[-1] = head[:-2], b"]}"
    return parts
