"""Reads ``-f`` and ``-k``: every document with where it came from, Lists opened up into their items.

Folders give ``*.yaml``, ``*.yml`` and ``*.json`` in name order, ``-R`` goes deeper; ``-`` is stdin; URLs are fetched.
May import: kubectl.{context,globals,manifests}, the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.kubectl.flags import UsageError
from kajitori.machinery import yamlerrors

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.globals import FilenameOptions

EXTENSIONS = (".json", ".yaml", ".yml")
MAX_URL_BYTES = 64 << 20


class NothingRead(UsageError):
    """The files hold no object; verbs word it in their own ways."""

    def __init__(self) -> None:
        super().__init__("error: no objects passed to apply")


@dataclass
class Document:
    object: dict[str, Any]
    source: str


async def read(ctx: Context, files: FilenameOptions, *, schema: bool = False) -> list[Document]:
    """All documents. Raises UsageError where a path is missing or a document is no object."""
    if files.kustomize and files.filename:
        raise UsageError("error: only one of '-k' or '-f' can be specified")
    documents: list[Document] = []
    for name in files.filename:
        for source, data in _sources(ctx, name, files.recursive):
            documents += parse(data, source, schema=schema)
    if files.kustomize:
        from kajitori.kubectl.manifests.kustomize import build

        documents += [Document(obj, files.kustomize) for obj in build(Path(files.kustomize))]
    if not documents:
        raise NothingRead
    return documents


def _sources(ctx: Context, name: str, recursive: bool) -> Iterator[tuple[str, bytes]]:
    if name == "-":
        yield "STDIN", ctx.streams.in_.read()
        return
    if name.startswith(("http://", "https://")):
        yield name, _fetch(name)
        return
    paths = sorted(Path().glob(name)) if any(sign in name for sign in "*?[") and not Path(name).exists() else []
    for path in paths or [Path(name)]:
        yield from _from_path(name if not paths else str(path), path, recursive)


def _from_path(name: str, path: Path, recursive: bool) -> Iterator[tuple[str, bytes]]:
    if not path.exists():
        raise UsageError(f'error: the path "{name}" does not exist')
    if path.is_dir():
        found = sorted(path.rglob("*") if recursive else path.iterdir())
        files = [one for one in found if one.is_file() and one.suffix in EXTENSIONS]
        if not files:
            raise UsageError(f"error: error reading [{name}]: recognized file extensions are [.json .yaml .yml]")
        for file in files:
            yield str(file), file.read_bytes()
        return
    yield name, path.read_bytes()


def _fetch(url: str) -> bytes:
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=30) as answer:
            return bytes(answer.read(MAX_URL_BYTES))
    except HTTPError as error:
        raise UsageError(
            f'error: unable to read URL "{url}", server reported {error.code} {error.reason}, status code={error.code}'
        ) from error
    except URLError as error:
        raise UsageError(f'error: Get "{url}": {error.reason}') from error


def parse(data: bytes, source: str, *, schema: bool = False) -> list[Document]:
    """The documents of one source."""
    documents: list[Document] = []
    for value in _values(data, source):
        documents += [Document(obj, source) for obj in _opened(value, source, schema)]
    return documents


def _values(data: bytes, source: str) -> Iterator[Any]:
    if data.lstrip()[:1] == b"{":
        try:
            yield from _json_values(data)
            return
        except ValueError:
            pass  # YAML in flow style looks like JSON at first
    import yaml

    from kajitori.kubectl.manifests.yamlload import load_all

    try:
        yield from load_all(data)
    except yaml.YAMLError as error:
        raise UsageError(
            f"error: error parsing {source}: error converting YAML to JSON: yaml: {yamlerrors.words(error, data)}"
        ) from error


def _json_values(data: bytes) -> list[Any]:
    decoder, text, found, position = json.JSONDecoder(), data.decode(), [], 0
    while position < len(text):
        while position < len(text) and text[position] in " \t\r\n":
            position += 1
        if position < len(text):
            value, position = decoder.raw_decode(text, position)
            found.append(value)
    return found


def _opened(value: Any, source: str, schema: bool) -> Iterator[dict[str, Any]]:
    if value is None:
        return
    if not isinstance(value, dict):
        raise UsageError(
            f'error: unable to decode "{source}": json: cannot unmarshal {_go_type(value)} into Go value of type '
            "unstructured.detector"
        )
    missing = [field for field in ("apiVersion", "kind") if not value.get(field)]
    if missing and schema:
        raise UsageError(
            f'error: error validating "{source}": error validating data: {_not_set(missing)}; if you choose to ignore '
            "these errors, turn validation off with --validate=false"
        )
    if "kind" in missing:
        raise UsageError(f"error: unable to decode \"{source}\": Object 'Kind' is missing in '{_compact(value)}'")
    if isinstance(value.get("items"), list) and str(value["kind"]).endswith("List"):
        for item in value["items"]:
            yield from _opened(item, source, schema)
        return
    yield value


def _not_set(fields: list[str]) -> str:
    texts = [f"{field} not set" for field in fields]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _compact(value: Any) -> str:
    from kajitori.kubectl.printers.jsontext import dumps

    return dumps(value, indent=None)


def _go_type(value: Any) -> str:
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "bool" if isinstance(value, bool) else "number"
