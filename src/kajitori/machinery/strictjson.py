"""Duplicate keys in JSON, which ordinary decoders pass over in silence. May import: orjson."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson


def duplicates(data: bytes, decoded: Any = None) -> list[str]:
    """The paths of keys that occur twice in their object, such as `spec.replicas`, in order of appearance.

    `decoded`, the value the bytes stand for, lets compact input pass quickly: nothing was lost if it is as long again.
    """
    if decoded is not None and len(orjson.dumps(decoded)) == len(data):
        return []
    found: list[str] = []
    _walk(json.loads(data, object_pairs_hook=_Pairs), "", found)
    return found


def messages(unknown: Iterable[str], duplicated: Iterable[str]) -> list[str]:
    """The texts of strict decoding: warnings, or the parts of one error."""
    texts = [f'duplicate field "{path}"' for path in duplicated]
    texts += [f'unknown field "{path}"' for path in unknown]
    return texts


def strict_error(texts: Iterable[str]) -> str:
    """The message of a strict decoding that failed, as upstream joins its single faults."""
    return "strict decoding error: " + ", ".join(texts)


class _Pairs(list[tuple[str, Any]]):
    """An object that kept its duplicates."""


def _walk(value: Any, path: str, found: list[str]) -> None:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, child in value:
            here = f"{path}.{key}" if path else key
            if key in seen and here not in found:
                found.append(here)
            seen.add(key)
            _walk(child, here, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{path}[{index}]", found)
