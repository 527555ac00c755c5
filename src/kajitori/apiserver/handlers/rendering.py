"""Objects and lists as a client wants to see them: JSON, YAML, protobuf, tables, metadata alone.

JSON joins bytes of the watch cache as they are; objects are decoded only for the other forms.

May import: cache, handlers.call, protobuf, serving.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson

from kajitori.aiokit.http.message import Response
from kajitori.api.registration import Resource
from kajitori.apiserver.cache import rows
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.cache.versions import converts
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.serving import tables
from kajitori.apiserver.serving.negotiation import As, Format
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, NotAcceptable
from kajitori.machinery.fieldpath import Path

Parts = list[bytes | memoryview]
BATCH = 50
"""How many objects are turned into protobuf before other requests get their turn."""


def shown(call: Call, resource: Resource, data: bytes, now: Callable[[], datetime], status: int = 200) -> Response:
    """One object's bytes in the format that the client asked for; the resource says how it looks as a row."""
    wanted = call.format
    if wanted.shape is As.OBJECT and not wanted.yaml:
        return call.respond(data, status)
    if wanted.shape is As.OBJECT:
        return render(call, wanted, data, status)
    if wanted.shape is As.PARTIAL_LIST:
        raise BadRequest("content is not a list")
    obj = orjson.loads(data)
    if wanted.shape is As.TABLE:
        version = obj["metadata"].get("resourceVersion")
        meta = {"resourceVersion": version} if version else {}
        table = tables.table(resource, [obj], included(call), now(), meta, wanted.version)
        return render(call, wanted, table, status)
    return render(call, wanted, orjson.dumps(tables.partial(obj, wanted.version)), status)


async def listed(call: Call, entries: list[Entry], meta: dict[str, Any], now: Callable[[], datetime]) -> Response:
    """A list in the format that the client asked for. Raises NotAcceptable."""
    resource, wanted = call.resource, call.format
    if wanted.shape is As.PARTIAL:
        package = resource.group.partition(".")[0] or "core"
        kind = "unstructured.UnstructuredList" if resource.custom else f"{package}.{resource.list_kind}"
        raise NotAcceptable(f"you requested PartialObjectMetadata, but the requested object is a list (*{kind})")
    if wanted.shape is As.PARTIAL_LIST:
        return render(call, wanted, _partial_list(entries, meta, wanted.version))
    if wanted.shape is As.OBJECT and wanted.protobuf:
        return call.respond_in_protobuf(await _list_in_protobuf(resource, entries, meta))
    parts = _list(resource, entries, meta) if wanted.shape is As.OBJECT else await _table(call, entries, meta, now())
    return render(call, wanted, b"".join(parts)) if wanted.yaml else call.respond_in_parts(parts)


async def _table(call: Call, entries: list[Entry], meta: dict[str, Any], now: datetime) -> Parts:
    resource, version = call.resource, call.format.version
    include = included(call)
    if (order := resource.strategy.table_order) is not None:
        entries = sorted(entries, key=lambda entry: order(view(resource, entry)))
    if converts(resource):
        objects = (view(resource, entry) for entry in entries)
        return [tables.table(resource, objects, include, now, meta, version)]
    await rows.make_rows(resource, entries)
    found = rows.rows(resource, entries, include, now, version)
    return [*rows.table(tables.column_definitions(resource), found, meta, version)]


def _partial_list(entries: list[Entry], meta: dict[str, Any], version: str) -> bytes:
    head = {
        "kind": "PartialObjectMetadataList",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": meta,
        "items": [],
    }
    items = b",".join([tables.partial_bytes(entry.data, version) for entry in entries])
    return b"%b%b]}" % (orjson.dumps(head)[:-2], items)


def _list(resource: Resource, entries: list[Entry], meta: dict[str, Any]) -> Parts:
    """A list's bytes in parts: copying is what a large one costs.

    Items of built-in kinds do not repeat what the list's kind says, as upstream's; custom resources do.
    """
    kind, version = resource.list_kind.encode(), resource.group_version.encode()
    head = b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[' % (kind, version, orjson.dumps(meta))
    if not entries:
        return [head, b"]}"]
    parts: Parts = [b",{"] * (2 * len(entries) + 1)
    parts[0], parts[-1] = head + b"{", b"]}"
    said = b"{" if resource.custom else b'{"kind":"%b","apiVersion":"%b",' % (resource.kind.encode(), version)
    size = len(said)
    items = [entry.data if not converts(resource) else entry_bytes(resource, entry) for entry in entries]
    parts[1::2] = [memoryview(item)[size if item.startswith(said) else 1 :] for item in items]
    return parts


async def _list_in_protobuf(resource: Resource, entries: list[Entry], meta: dict[str, Any]) -> bytes:
    """A list's body. Encoding is slow enough that others get their turn in between."""
    from kajitori.apiserver.protobuf import encode, messages

    message = messages.message_for(resource.group_version, resource.kind)
    assert message is not None
    items = []
    for at, entry in enumerate(entries, 1):
        items.append(encode.encode_message(message, view(resource, entry)))
        if at % BATCH == 0:
            await asyncio.sleep(0)
    return encode.encode_list(resource.group_version, resource.list_kind, meta, items)


def view(resource: Resource, entry: Entry) -> dict[str, Any]:
    """An entry decoded, in the version of the resource."""
    obj = entry.obj()
    return obj if not converts(resource) else resource.strategy.from_storage(obj)


def entry_bytes(resource: Resource, entry: Entry) -> bytes:
    """An entry's bytes in the version of the resource."""
    return entry.data if not converts(resource) else orjson.dumps(view(resource, entry))


def included(call: Call) -> str:
    """What of each object a table's rows carry. Raises BadRequest."""
    include = call.http.query.get("includeObject")
    if include not in ("", "Metadata", "Object", "None"):
        problem = fieldpath.invalid(Path("includeObject"), include, "must be 'Metadata', 'Object', 'None', or empty")
        raise BadRequest(f"Unable to convert to Table as requested: {problem}")
    return include


def render(call: Call, wanted: Format, data: bytes, status: int = 200) -> Response:
    """JSON bytes as the answer, turned into YAML when that was asked for."""
    response = call.respond(data, status)
    if wanted.yaml:
        from kajitori.apiserver.serving.yamltext import dump

        response.body, response.content_type = dump(orjson.loads(data)), "application/yaml"
    return response
