"""GET of one object and LIST. Answers join bytes of the watch cache; objects are decoded only for tables and the like.

resourceVersion, as upstream: "" reads what is committed now; "0" whatever the cache has; N something not older, or with
resourceVersionMatch=Exact (or a limit) exactly that. `continue` goes on over the snapshot at which the list began; the
cache rebuilds it by undoing its recent history, and answers 410 once that is gone.

May import: cache, handlers.call, hooks, metrics, serving.
"""

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from kajitori.aiokit.http.message import Query, Response
from kajitori.api.registration import Resource
from kajitori.apiserver.cache import rows
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.cache.entry import Entry
from kajitori.apiserver.cache.partition import Partition, TooOld
from kajitori.apiserver.cache.selection import Selection
from kajitori.apiserver.cache.versions import converts
from kajitori.apiserver.handlers.call import Call
from kajitori.apiserver.hooks import ComputedObjects
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.serving import tables
from kajitori.apiserver.serving.negotiation import As, Format
from kajitori.machinery import fieldpath, gotext
from kajitori.machinery.errors import BadRequest, Expired, Invalid, NotAcceptable, NotFound, Timeout
from kajitori.machinery.fieldpath import FieldError, Path

Parts = list[bytes | memoryview]
FUTURE_WAIT_S = 3.0
BATCH = 50
"""How many objects are turned into protobuf before other requests get their turn."""
_CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Reading:
    """get and list over the watch cache."""

    def __init__(self, cacher: Cacher, now: Callable[[], datetime], metrics: Metrics | None = None) -> None:
        self._cacher = cacher
        self._now = now
        self._metrics = metrics or Metrics()

    async def get(self, call: Call) -> Response:
        """One object."""
        resource, info = call.resource, call.info
        requested = _requested(call.http.query) if call.http.raw_query else ""
        if requested and requested != "0":
            await self.reach(read_version(requested))
        else:
            await self._cacher.fresh()
        entry = self._cacher.partition(resource).get(resource.key(info.namespace, info.name))
        if entry is None:
            raise NotFound.of(resource.group, resource.plural, info.name)
        if resource.converter is not None:
            await resource.converter.prepare(resource, (entry,))
        return self.show(call, entry_bytes(resource, entry))

    def show(self, call: Call, data: bytes, status: int = 200) -> Response:
        """One object's bytes in the format that the client asked for."""
        return shown(call, call.resource, data, self._now, status)

    async def reach(self, revision: int, *, retry_after_s: int = 1) -> None:
        """Wait for the cache to get to a version that a client has seen elsewhere; Timeout when it does not."""
        if revision <= self._cacher.revision:
            return
        try:
            async with asyncio.timeout(FUTURE_WAIT_S):
                await self._cacher.reach(revision)
        except TimeoutError:
            message = f"Too large resource version: {revision}, current: {self._cacher.revision}"
            cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            error = Timeout.of(message, retry_after_s)
            error.details = {"causes": [cause], **(error.details or {})}
            raise error from None

    async def list_(self, call: Call) -> Response:
        """A collection, or a part of it."""
        page = Page.of(call)
        partition = self._cacher.partition(call.resource)
        if page.revision > 0:
            await self.reach(page.revision, retry_after_s=0 if page.exact else 1)
        elif not page.any_version:
            await self._cacher.fresh()
        selection = call.selection()
        at = page.revision if page.exact else self._cacher.revision
        converter = call.resource.converter
        if converter is None:
            entries = self._entries(partition, selection, page, at)
        else:  # of these entries, at whatever version they are; what they are selected by is in their converted form
            entries = self._entries(partition, replace(selection, fields=None), page, at)
            await converter.prepare(call.resource, entries)
            entries = [entry for entry in entries if selection.matches(entry)]
        kind = call.resource.group, call.resource.plural
        self._metrics.lists.inc(*kind, "")
        self._metrics.listed.inc(*kind, "", by=partition.examined)
        meta: dict[str, Any] = {"resourceVersion": str(at)}
        if call.resource.custom and call.format.shape is As.OBJECT:  # there is no Go type that would leave it out
            meta["continue"] = ""
        if page.limit and len(entries) > page.limit:
            remaining = len(entries) - page.limit
            entries = entries[: page.limit]
            meta["continue"] = encode_continue(at, entries[-1].key.removeprefix(selection.prefix))
            if not selection.selective:
                meta["remainingItemCount"] = remaining
        self._metrics.list_returned.inc(*kind, by=len(entries))
        return await self._render_list(call, entries, meta)

    def _entries(self, partition: Partition, selection: Selection, page: "Page", at: int) -> list[Entry]:
        after = selection.prefix + page.start if page.start else ""
        if page.exact and at < self._cacher.revision:
            try:
                if at < self._cacher.oldest:
                    raise TooOld(at, self._cacher.oldest)
                found = partition.entries_at(selection.prefix, after, at)
            except TooOld as error:
                raise self._expired(page, error) from None
        else:  # entries are shared, so this is a list of pointers; remainingItemCount needs its length
            return partition.selected(selection, after)
        if selection.selective:
            matches = selection.matches
            found = [entry for entry in found if matches(entry)]
        return found

    def _expired(self, page: "Page", error: TooOld) -> Expired:
        if not page.start:
            return Expired("The resourceVersion for the provided list is too old.")
        expired = Expired(_CONTINUE_EXPIRED)
        expired.continue_token = encode_continue(-1, page.start)
        return expired

    async def compute(self, call: Call, objects: ComputedObjects) -> Response:
        """get or list of what is never stored: it has no versions and comes whole."""
        if call.info.verb == "get":
            return self.show(call, orjson.dumps(await objects.one(call.info.name)))
        selection, prefix = call.selection(), call.resource.storage_prefix
        found = [Entry(prefix + obj["metadata"]["name"], orjson.dumps(obj), 0) for obj in await objects.all()]
        return await self._render_list(call, [entry for entry in found if selection.matches(entry)], {})

    async def _render_list(self, call: Call, entries: list[Entry], meta: dict[str, Any]) -> Response:
        resource, wanted = call.resource, call.format
        if wanted.shape is As.PARTIAL:
            package = resource.group.partition(".")[0] or "core"
            kind = "unstructured.UnstructuredList" if resource.custom else f"{package}.{resource.list_kind}"
            raise NotAcceptable(f"you requested PartialObjectMetadata, but the requested object is a list (*{kind})")
        if wanted.shape is As.OBJECT and wanted.protobuf:
            return call.respond_in_protobuf(await _list_in_protobuf(resource, entries, meta))
        if wanted.shape is As.OBJECT:
            whole = _list(resource, entries, meta)
            if not wanted.yaml:
                return call.respond_in_parts(whole)
            data = b"".join(whole)
        elif wanted.shape is As.TABLE:
            include = included(call)
            if (order := resource.strategy.table_order) is not None:
                entries = sorted(entries, key=lambda entry: order(view(resource, entry)))
            if converts(resource):
                objects = (view(resource, entry) for entry in entries)
                data = tables.table(resource, objects, include, self._now(), meta, wanted.version)
            else:
                columns = tables.column_definitions(resource)
                await rows.make_rows(resource, entries)
                found = rows.rows(resource, entries, include, self._now(), wanted.version)
                parts = rows.table(columns, found, meta, wanted.version)
                if not wanted.yaml:
                    return call.respond_in_parts(parts)
                data = b"".join(parts)
        else:
            items = b",".join([tables.partial_bytes(entry.data, wanted.version) for entry in entries])
            head = {
                "kind": "PartialObjectMetadataList",
                "apiVersion": f"meta.k8s.io/{wanted.version}",
                "metadata": meta,
                "items": [],
            }
            data = b"%b%b]}" % (orjson.dumps(head)[:-2], items)
        return render(call, wanted, data)


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


def _requested(query: Query) -> str:
    """The resourceVersion of a GET. Raises BadRequest."""
    if "export" in query:
        raise BadRequest("the export parameter, deprecated since v1.14, is no longer supported")
    version = query.get("resourceVersion")
    if version:
        parse_version(version)
    return version


class Page:
    """limit, continue, resourceVersion and resourceVersionMatch of a list, checked."""

    def __init__(self) -> None:
        self.limit = 0
        self.start = ""
        self.revision = 0  # 0: none asked for
        self.exact = False
        self.any_version = False
        self.inconsistent = False
        self.token = 0

    @classmethod
    def of(cls, call: Call) -> "Page":
        page = cls()
        if not call.http.raw_query:
            return page
        query = call.http.query
        version, match, token = query.get("resourceVersion"), query.get("resourceVersionMatch"), query.get("continue")
        errors = check_match(version, match, token)
        if "sendInitialEvents" in query:
            at = Path("sendInitialEvents")
            errors.append(fieldpath.forbidden(at, "sendInitialEvents is forbidden for list"))
        if errors:
            raise Invalid.of("meta.k8s.io", "ListOptions", "", errors)
        call.number("timeoutSeconds")  # read for its faults only: a list is answered at once
        page.limit = max(call.number("limit") or 0, 0)
        if version == "0":  # whatever the cache has, and all of it
            page.limit = 0
        if token:
            page.token, page.start = decode_continue(token)
            if version and version != "0":
                raise BadRequest("specifying resource version is not allowed when using continue")
            page.inconsistent = page.token < 0
            page.exact = not page.inconsistent
            page.revision = max(page.token, 0)
        elif version == "0":
            page.any_version = True
        elif version:
            page.revision = read_version(version)
            page.exact = match == "Exact" or (bool(page.limit) and not match)
        return page


def check_match(version: str, match: str, token: str) -> list[FieldError]:
    """The rules for resourceVersionMatch on lists."""
    if not match:
        return []
    at = Path("resourceVersionMatch")
    errors: list[FieldError] = []
    if not version:
        errors.append(fieldpath.forbidden(at, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
    if token:
        errors.append(fieldpath.forbidden(at, "resourceVersionMatch is forbidden when continue is provided"))
    if match not in ("Exact", "NotOlderThan"):
        errors.append(fieldpath.not_supported(at, match, ["Exact", "NotOlderThan", ""]))
    if match == "Exact" and version == "0":
        detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        errors.append(fieldpath.forbidden(at, detail))
    return errors


def read_version(text: str) -> int:
    """A list's resourceVersion parameter. Raises BadRequest."""
    try:
        return parse_version(text)
    except BadRequest as error:
        raise BadRequest(f"invalid resource version: {error.message}") from None


def parse_version(text: str) -> int:
    """A resourceVersion parameter. Raises BadRequest, where upstream answers 500 in the same words."""
    why = "invalid syntax"
    if text.isascii() and text.isdigit():
        if len(text) < 21 and int(text) < 1 << 64:
            return int(text)
        why = "value out of range"
    at, shown = Path("resourceVersion"), gotext.quote(text)
    problem = fieldpath.invalid(at, text, f"strconv.ParseUint: parsing {shown}: {why}")
    raise BadRequest(str(problem))


def _check_base64(text: str) -> None:
    """Raises ValueError in the words of Go's decoder."""
    wrong = re.search(r"[^A-Za-z0-9_-]", text)
    if wrong or len(text) % 4 == 1:
        at = len(text[: wrong.start()].encode()) if wrong else len(text) - 1
        raise ValueError(f"illegal base64 data at input byte {at}")


def encode_continue(revision: int, start: str) -> str:
    """A continue token, in upstream's form."""
    raw = orjson.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start + "\0"})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_continue(token: str) -> tuple[int, str]:
    """(revision, key after which to go on). Raises BadRequest."""
    wrong = "invalid continue token: continue key is not valid"
    try:
        _check_base64(token)
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        value = orjson.loads(raw)
        version, revision, start = value.get("v", ""), value.get("rv", 0), value.get("start", "")
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise BadRequest(
            f"{wrong}: invalid character {raw[:1].decode(errors='replace')!r} looking for beginning of value"
        ) from error
    except ValueError as error:
        raise BadRequest(f"{wrong}: {error}") from error
    if version != "meta.k8s.io/v1":
        raise BadRequest(f"{wrong}: server does not recognize this encoded version {version}")
    if not isinstance(revision, int) or not revision:
        raise BadRequest(f"{wrong}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start:
        raise BadRequest(f"{wrong}: encoded start key empty (version meta.k8s.io/v1)")
    if {"", ".", ".."} & set(start.removeprefix("/").split("/")):
        raise BadRequest(f"{wrong}: {start}")
    return revision, start.removesuffix("\0")
