"""Finds the objects that a command line means: by words, selectors and files, in the order in which they were named.

    found = await find(ctx, Selection(args=opts.args, label_selector=opts.selector))
    for info in found.infos: …
    found.raise_errors()          # what was not found, after the rest was dealt with

Files give objects as they stand in the file (`read_manifests`); words give objects from the server.
May import: client, kubectl.{context,manifests,resources}.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.resources.infos import Info
from kajitori.kubectl.resources.words import Target, parse
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource, Discovery, NoMatch
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.globals import FilenameOptions
    from kajitori.kubectl.manifests.documents import Document

JSON = "application/json"
TABLE = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is asked for. `default_all` lets a bare type mean all its objects (get), else that is an error (delete)."""

    args: tuple[str, ...] = ()
    files: FilenameOptions | None = None
    label_selector: str = ""
    field_selector: str = ""
    all_namespaces: bool = False
    default_all: bool = False
    flatten: bool = True  # False: a list stays one Info with the List (or Table) as its object
    chunk_size: int = 0
    accept: str = JSON
    subresource: str = ""
    include_object: bool = False  # Tables with whole objects in their rows
    allow_multiple_types: bool = True
    refuse_names: bool = False  # names beside --all are refused (delete)
    must_exist: bool = False  # files without any object are an error
    schema: bool = False  # files are going to be validated: their documents must say what they are
    live: bool = True  # for files: replace what the file says by what the server has
    offline: bool = False  # for files: ask no server at all (--local)
    fetch: bool = True  # for names: False leaves the object empty, so that no request is made (delete)


@dataclass
class Found:
    """`infos` in order; `errors` of single objects (the others were found all the same)."""

    infos: list[Info] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    single: bool = False  # exactly one object was named, so print it and not a list of one

    def raise_errors(self, *, unknown_last: bool = False) -> None:
        """One error as it is, several as a group, none at all.

        `unknown_last`: kinds that the server does not have are told after what it refused, several of them as one.
        """
        unknown = [error for error in self.errors if isinstance(error, UnknownKind)]
        others = [error for error in self.errors if not isinstance(error, UnknownKind)]
        if unknown_last and others and unknown:
            texts = [str(error).removeprefix("error: ") for error in unknown]
            whole = UsageError(f"[{', '.join(texts)}]") if len(texts) > 1 else unknown[0]
            raise_all([*others, whole])
        raise_all(self.errors)


def raise_all(errors: list[Exception]) -> None:
    """One error as it is, several as an ExceptionGroup; none is no error."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("several objects", errors)


async def find(ctx: Context, selection: Selection) -> Found:
    """Everything at once. Errors that concern one object are gathered; others (no such type) raise."""
    found = Found()
    if selection.files is not None and has_files(selection.files):
        _refuse_words(selection)
        await _find_in_files(ctx, selection, found)
        return found
    targets = await expand(ctx, parse(selection.args, allow_multiple_types=selection.allow_multiple_types))
    _check(targets, selection)
    named = [name for _, target in targets for name in target.names]
    found.single = len(named) == 1 and len(targets) == 1
    for resource, target in targets:
        async for info in _of_target(ctx, selection, resource, target, found):
            found.infos.append(info)
    return found


def has_files(files: FilenameOptions) -> bool:
    """Whether -f or -k is given."""
    return bool(files.filename or files.kustomize)


async def expand(ctx: Context, targets: list[Target]) -> list[tuple[APIResource, Target]]:
    """Types → resources; a category (`all`) becomes the resources in it. Raises NoMatch."""
    discovery = ctx.discovery()
    pairs: list[tuple[APIResource, Target]] = []
    for target in targets:
        members = [] if target.names else await discovery.category(target.type)
        if members:
            pairs += [(one, target) for one in members if "list" in one.verbs]
        else:
            pairs.append((await _resource(discovery, target.type), target))
    return pairs


async def _resource(discovery: Discovery, name: str) -> APIResource:
    """The message names the type without its group, as upstream's does."""
    from kajitori.client.discovery import NoMatch

    try:
        return await discovery.resource(name)
    except NoMatch:
        raise NoMatch(name.partition(".")[0]) from None


def namespace_for(ctx: Context, resource: APIResource, *, all_namespaces: bool = False) -> str | None:
    """Where to look; None for every namespace and for what has none."""
    return None if all_namespaces or not resource.namespaced else ctx.namespace


def _refuse_words(selection: Selection) -> None:
    if selection.args:
        raise UsageError(
            "error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
        )
    if selection.label_selector or selection.field_selector:
        raise UsageError("error: a selector may not be specified when path, URL, or stdin is provided as input")


def _check(targets: list[tuple[APIResource, Target]], selection: Selection) -> None:
    selects = bool(selection.label_selector or selection.field_selector)
    for resource, target in targets:
        if target.names:
            if selects or selection.refuse_names:
                raise UsageError("error: name cannot be provided when a selector is specified")
            if selection.all_namespaces and resource.namespaced:
                raise UsageError("error: a resource cannot be retrieved by name across all namespaces")
        elif not (selects or selection.default_all):
            raise UsageError("error: resource(s) were provided, but no name was specified")


async def _of_target(
    ctx: Context, selection: Selection, resource: APIResource, target: Target, found: Found
) -> AsyncIterator[Info]:
    for name in target.names:
        try:
            yield await _one(ctx, selection, resource, name)
        except StatusError as error:
            found.errors.append(error)
    if not target.names:
        try:
            async for info in lists(ctx, selection, resource):
                yield info
        except StatusError as error:
            found.errors.append(error)


async def _one(ctx: Context, selection: Selection, resource: APIResource, name: str) -> Info:
    namespace = namespace_for(ctx, resource)
    if not selection.fetch:
        return Info(resource, namespace or "", name)
    query = [("includeObject", "Object")] if selection.include_object else []
    url = resource.url(namespace, name, selection.subresource)
    answer = await ctx.client().raw("GET", url, query=query, accept=selection.accept)
    return Info(resource, namespace or "", name, _loads(answer.body))


async def lists(ctx: Context, selection: Selection, resource: APIResource) -> AsyncIterator[Info]:
    """The objects of a type (or, not flattened, one Info per page)."""
    namespace = namespace_for(ctx, resource, all_namespaces=selection.all_namespaces)
    continue_ = ""
    while True:
        query = [
            ("labelSelector", selection.label_selector),
            ("fieldSelector", selection.field_selector),
            ("includeObject", "Object" if selection.include_object else ""),
            ("limit", str(selection.chunk_size or "")),
            ("continue", continue_),
        ]
        query = [(key, value) for key, value in query if value]
        url = resource.url(namespace)
        try:
            page = _loads((await ctx.client().raw("GET", url, query=query, accept=selection.accept)).body)
        except StatusError as error:
            raise _list_failed(error, selection, resource) from None
        if selection.flatten and page.get("kind") != "Table":
            for info in flattened(resource, page):
                yield info
        else:
            yield Info(resource, namespace or "", "", page)
        continue_ = (page.get("metadata") or {}).get("continue") or ""
        if not continue_:
            return


def _list_failed(error: StatusError, selection: Selection, resource: APIResource) -> StatusError:
    """Refused and missing lists are told with what was asked for."""
    if error.reason in ("BadRequest", "NotFound"):
        group_version = f"{resource.group}/{resource.version}"
        what = f'"{group_version}, Resource={resource.plural}"'
        chosen = f'label selector "{selection.label_selector}", field selector "{selection.field_selector}"'
        if selection.label_selector or selection.field_selector:
            error.message = f"Unable to find {what} that match {chosen}: {error.message}"
        else:
            error.message = f"Unable to list {what}: {error.message}"
    return error


def flattened(resource: APIResource, page: dict[str, Any]) -> list[Info]:
    """A List's items, each with its kind (lists leave it out of custom items never, of built-in ones always)."""
    infos = []
    for item in page.get("items") or ():
        whole = {"apiVersion": resource.api_version, "kind": resource.kind} | item
        meta = whole.get("metadata") or {}
        infos.append(Info(resource, meta.get("namespace") or "", meta.get("name") or "", whole))
    return infos


async def _find_in_files(ctx: Context, selection: Selection, found: Found) -> None:
    from kajitori.client.discovery import NoMatch
    from kajitori.kubectl.manifests.documents import NothingRead, check_metadata
    from kajitori.kubectl.manifests.reading import read

    assert selection.files is not None
    try:
        documents = await read(ctx, selection.files, schema=selection.schema)
    except NothingRead:
        if selection.must_exist:
            raise
        return
    found.single = len(documents) == 1
    for document in documents:
        try:
            check_metadata(document)
            if selection.offline:
                found.infos.append(as_it_says(document.object, document.source))
                continue
            info = await _recognized(ctx, selection, document.object, document.source)
            if selection.live:
                found.infos.append(await _live(ctx, selection, info))
            else:
                found.infos.append(info)
        except (StatusError, LookupError, UsageError) as error:
            found.errors.append(error)
        except NoMatch as error:
            found.errors.append(no_match(document, error))


async def _recognized(ctx: Context, selection: Selection, obj: dict[str, Any], source: str) -> Info:
    if selection.schema:
        reason = f'error validating "{source}": error validating data: failed to download openapi:'
        ctx.set_out(reason, "/openapi/v2?timeout=32s")
        return await locate(ctx, obj, source)
    ctx.set_out(f'unable to recognize "{source}":', "/api?timeout=32s")
    info = await locate(ctx, obj, source)
    ctx.set_out("")
    return info


def as_it_says(obj: dict[str, Any], source: str) -> Info:
    """The Info of an object that stays here (--local): no server is asked, so its resource's name is a guess."""
    from kajitori.client.discovery import APIResource

    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    kind = str(obj.get("kind", ""))
    resource = APIResource(group, version, kind.lower() + "s", kind.lower(), kind, namespaced=False)
    meta = obj.get("metadata") or {}
    return Info(resource, meta.get("namespace") or "", meta.get("name") or "", obj, source)


async def _live(ctx: Context, selection: Selection, info: Info) -> Info:
    if not info.name:
        raise UsageError("error: resource name may not be empty")
    return await _one_at(ctx, selection, info)


async def _one_at(ctx: Context, selection: Selection, info: Info) -> Info:
    query = [("includeObject", "Object")] if selection.include_object else []
    url = info.resource.url(info.namespace or None, info.name, selection.subresource)
    answer = await ctx.client().raw("GET", url, query=query, accept=selection.accept)
    return Info(info.resource, info.namespace, info.name, _loads(answer.body), info.source)


class UnknownKind(UsageError):
    """The server does not have the kind of an object in a file."""


def no_match(document: Document, error: NoMatch) -> UnknownKind:
    """What upstream says of such an object."""
    meta = document.object.get("metadata") or {}
    return UnknownKind(
        f'error: resource mapping not found for name: "{meta.get("name") or ""}" namespace: '
        f'"{meta.get("namespace") or ""}" from "{document.source}": {error}\nensure CRDs are installed first'
    )


async def locate(ctx: Context, obj: dict[str, Any], source: str = "") -> Info:
    """The Info of an object from a file: its resource by kind, its namespace filled in.

    Raises UsageError, NoKindMatch.
    """
    meta = obj.get("metadata") or {}
    resource = await ctx.discovery().kind(obj.get("apiVersion", ""), obj.get("kind", ""))
    namespace = ""
    if resource.namespaced:
        namespace = meta.get("namespace") or ctx.namespace
        if ctx.namespace_is_explicit and namespace != ctx.namespace:
            raise UsageError(
                f'error: the namespace from the provided object "{namespace}" does not match the namespace '
                f"\"{ctx.namespace}\". You must pass '--namespace={namespace}' to perform this operation."
            )
        obj.setdefault("metadata", {})["namespace"] = namespace
    return Info(resource, namespace, meta.get("name") or "", obj, source)


def _loads(body: bytes) -> dict[str, Any]:
    import orjson

    value: dict[str, Any] = orjson.loads(body)
    return value
