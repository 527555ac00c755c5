"""Stable short hashes, written in the alphabet of generated names. May import: orjson, machinery.names."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from kajitori.machinery.names import ALPHABET


def safe_encode(digits: str) -> str:
    """The text in an alphabet that spells no words."""
    return "".join(ALPHABET[ord(char) % len(ALPHABET)] for char in digits)


def pod_template_hash(template: Any, collision_count: int | None = None) -> str:
    """The `pod-template-hash` of a wire dict or typed template: equal templates have equal hashes, for ever."""
    if not isinstance(template, dict):
        import msgspec

        template = msgspec.to_builtins(template)
    return short_hash(orjson.dumps(template, option=orjson.OPT_SORT_KEYS), collision_count)


def short_hash(data: bytes, collision_count: int | None = None) -> str:
    """At most ten characters."""
    salt = b"" if collision_count is None else collision_count.to_bytes(4, "little")
    digest = hashlib.blake2b(data + salt, digest_size=4).digest()
    return safe_encode(str(int.from_bytes(digest, "big")))
