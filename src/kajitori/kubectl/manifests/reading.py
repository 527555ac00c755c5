"""Reads ``-f`` and ``-k``: every document with where it came from.

Folders give ``*.yaml``, ``*.yml`` and ``*.json`` in name order, ``-R`` goes deeper; ``-`` is stdin; URLs are fetched.
May import: kubectl.{context,globals,manifests}, the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.manifests.documents import Document, NothingRead, parse

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.globals import FilenameOptions

EXTENSIONS = (".json", ".yaml", ".yml")
MAX_URL_BYTES = 64 << 20


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
