"""Kubernetes' OpenAPI definitions as the `kubernetes-validate` package carries them.

The file is mapped, indexed once and decoded one definition at a time, without descriptions: a process pays only for
the kinds it looks at, and the pages go back to the system after use. `full` has everything, for explain and OpenAPI.

May import: msgspec, orjson.
"""

from __future__ import annotations

import functools
import importlib.util
import mmap
from pathlib import Path
from typing import Any

import msgspec
import orjson

FILE = Path("kubernetes-json-schema", "v1.34.0-local", "_definitions.json")
PREFIX = "#/$defs/"


class Node(msgspec.Struct, gc=False, frozen=True):
    """What decoding, pruning and merging need of a definition."""

    ref: str = msgspec.field(default="", name="$ref")
    type: str | list[str] = ""
    format: str = ""
    properties: dict[str, Node] = {}
    required: list[str] = []
    items: Node | None = None
    additional: Node | None = msgspec.field(default=None, name="additionalProperties")
    one_of: list[Node] = msgspec.field(default=[], name="oneOf")
    list_type: str = msgspec.field(default="", name="x-kubernetes-list-type")
    list_map_keys: list[str] = msgspec.field(default=[], name="x-kubernetes-list-map-keys")
    map_type: str = msgspec.field(default="", name="x-kubernetes-map-type")
    merge_key: str = msgspec.field(default="", name="x-kubernetes-patch-merge-key")
    patch_strategy: str = msgspec.field(default="", name="x-kubernetes-patch-strategy")
    kinds: list[dict[str, str]] = msgspec.field(default=[], name="x-kubernetes-group-version-kind")

    @property
    def plain_type(self) -> str:
        """The type without `null`."""
        if isinstance(self.type, str):
            return self.type
        return next((name for name in self.type if name != "null"), "")

    @property
    def target(self) -> str:
        """The definition that this node refers to, or nothing."""
        return self.ref.removeprefix(PREFIX)


class _File(msgspec.Struct):
    definitions: dict[str, msgspec.Raw] = msgspec.field(name="$defs")


def path() -> Path:
    """Where the definitions are, without importing the package that brings them."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package kubernetes-validate is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / FILE


@functools.cache
def _mapped() -> mmap.mmap:
    with path().open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@functools.cache
def _index() -> dict[str, tuple[int, int]]:
    """Offset and length of every definition in the file."""
    mapped = _mapped()
    view = memoryview(mapped)
    decoded = msgspec.json.decode(view, type=_File).definitions
    offsets: dict[str, tuple[int, int]] = {}
    position = 0
    for name, raw in decoded.items():
        key = f'"{name}"'.encode()
        found = mapped.find(key + b":", position)
        if found < 0:
            found = mapped.find(key, position)
        start = mapped.find(b"{", found)
        offsets[name] = (start, len(memoryview(raw)))
        position = start + offsets[name][1]
    release()
    return offsets


def release() -> None:
    """Gives the file's pages back; they are read again when needed."""
    _mapped().madvise(mmap.MADV_DONTNEED)


def names() -> list[str]:
    """Every definition's full name, such as `io.k8s.api.core.v1.Pod`."""
    return list(_index())


def exists(name: str) -> bool:
    return name in _index()


def _raw(name: str) -> bytes:
    start, length = _index()[name]
    return _mapped()[start : start + length]


_decoder = msgspec.json.Decoder(Node)


def node(name: str) -> Node:
    """A definition such as `io.k8s.api.core.v1.Pod`, lean; KeyError if there is none."""
    return _decoder.decode(_raw(name))


def full(name: str) -> dict[str, Any]:
    """The whole definition as JSON has it, descriptions included."""
    found: dict[str, Any] = orjson.loads(_raw(name))
    return found


def everything() -> dict[str, Any]:
    """All definitions, whole: tens of megabytes, so let go of it soon."""
    found: dict[str, Any] = orjson.loads(_mapped()[:])["$defs"]
    release()
    return found
