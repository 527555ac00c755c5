"""A table for servers that send none: name and age. Pure. May import: machinery.times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def table_of(obj: dict[str, Any]) -> dict[str, Any]:
    """NAME and AGE of an object or of a list's items."""
    items = obj["items"] if isinstance(obj.get("items"), list) else [obj]
    return {
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name"},
            {"name": "Age", "type": "date", "format": ""},
        ],
        "rows": [{"cells": [_meta(item).get("name", ""), _age(item)], "object": item} for item in items],
    }


def _meta(obj: dict[str, Any]) -> dict[str, Any]:
    return obj.get("metadata") or {}


def _age(obj: dict[str, Any]) -> str:
    from kajitori.machinery.times import human_duration, parse_time

    created = _meta(obj).get("creationTimestamp")
    return human_duration((datetime.now(UTC) - parse_time(created)).total_seconds()) if created else "<unknown>"
