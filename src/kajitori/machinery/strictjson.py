"""What strict decoding finds in JSON: duplicate keys, which ordinary decoders pass over in silence, and unknown fields.

May import: orjson, machinery.typeschema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

from kajitori.machinery.typeschema import ANY, Schema

MAX_FAULTS = 100
_STEP = re.compile(r"[.\[\]]+")


def duplicates(data: bytes, decoded: Any = None) -> list[str]:
    """The paths of keys that occur twice in their object, such as `spec.replicas`, in order of appearance.

    `decoded`, the value the bytes stand for, lets compact input pass quickly: nothing was lost if it is as long again.
    """
    if decoded is not None and len(orjson.dumps(decoded)) == len(data):
        return []
    found: list[str] = []
    _walk(json.loads(data.decode(errors="replace"), object_pairs_hook=_Pairs), "", found)
    return found


def messages(unknown: Iterable[str], duplicated: Iterable[str]) -> list[str]:
    """The texts of strict decoding: warnings, or the parts of one error."""
    texts = [f'duplicate field "{path}"' for path in duplicated]
    texts += [f'unknown field "{path}"' for path in unknown]
    return texts


def strict_error(texts: Iterable[str]) -> str:
    """The message of a strict decoding that failed, as upstream joins its single faults."""
    return "strict decoding error: " + ", ".join(texts)


def faults(data: bytes, schema: Schema) -> list[str]:
    """What strict decoding says of an object of a built-in kind: both sorts of fault, in order of appearance.

    As upstream: each is told once, a field that is both unknown and given twice is unknown, what is inside an unknown
    field or inside free JSON is not looked at, and there is an end to it.
    """
    found: dict[str, None] = {}
    _walk_typed(schema, json.loads(data, object_pairs_hook=_Pairs), "", found)
    return list(found)[:MAX_FAULTS]


def in_key_order(texts: Iterable[str]) -> list[str]:
    """Faults as they follow when the keys of every mapping are sorted: YAML and the results of patches are."""
    return sorted(texts, key=_steps)


def _steps(text: str) -> list[tuple[bool, int, str]]:
    return [(step.isdigit(), int(step) if step.isdigit() else 0, step) for step in _STEP.split(text)]


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


def _walk_typed(schema: Schema, value: Any, path: str, found: dict[str, None]) -> None:
    if isinstance(value, _Pairs):
        if schema.type == ANY or (schema.preserve_unknown and not schema.properties):
            return
        seen: set[str] = set()
        for key, child in value:
            here = f"{path}.{key}" if path else key
            inner = schema.properties.get(key) or schema.additional
            if inner is None:
                if not schema.preserve_unknown:
                    found[f'unknown field "{here}"'] = None
                continue
            if key in seen:
                found[f'duplicate field "{here}"'] = None
            seen.add(key)
            _walk_typed(inner, child, here, found)
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            _walk_typed(schema.items, item, f"{path}[{index}]", found)
