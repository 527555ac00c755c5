"""Files of one volume that hide each other: what a client is warned of, in upstream's words.

May import: api.checks, machinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kajitori.api.checks import Object
from kajitori.machinery.gotext import quote

File = tuple[str, str]
"""A path, and what it comes from where a volume has several sources."""


def in_volume(volume: Object) -> list[str]:
    """Of a volume of files, whatever its source."""
    name = f"volume {quote(volume.get('name') or '')}"
    found: list[str] = []
    for kind, title, field in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
        source = volume.get(kind)
        if source is not None:
            found += _told(f"{name} ({title} {quote(source.get(field) or '')})", _files(source, ""))
    if volume.get("downwardAPI") is not None:
        found += _told(f"{name} (DownwardAPI)", _files(volume["downwardAPI"], ""))
    if volume.get("projected") is None:
        return found
    sources = volume["projected"].get("sources") or ()
    found += [f"{name} (Projected) has no sources provided" for source in sources if not source]
    return found + _told(f"{name} (Projected)", [file for source in sources for file in _projected(source)])


def _projected(source: Object) -> list[File]:
    for kind, title in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if source.get(kind) is not None:
            return _files(source[kind], f"{title} {quote(source[kind].get('name') or '')}")
    if source.get("downwardAPI") is not None:
        return _files(source["downwardAPI"], "DownwardAPI")
    token = source.get("serviceAccountToken")
    return [] if token is None else [((token.get("path") or "").rstrip("/"), "ServiceAccountToken")]


def _files(source: Any, title: str) -> list[File]:
    return [((item.get("path") or "").rstrip("/"), title) for item in source.get("items") or ()]


def _told(where: str, files: Iterable[File]) -> list[str]:
    return [f"{where}: overlapping paths: {_shown(file)} with {_shown(other)}" for file, other in _clashes(files)]


def _clashes(files: Iterable[File]) -> Iterator[tuple[File, File]]:
    before: list[File] = []
    for file in files:
        for other in before:
            path, taken = file[0], other[0]
            if path and taken and (path == taken or path.startswith(taken + "/") or taken.startswith(path + "/")):
                yield file, other
        before.append(file)


def _shown(file: File) -> str:
    path, source = file
    return f"{quote(path)} ({source})" if source else quote(path)
