"""Differences as patches: strategic merge where the built-in schema knows the kind, JSON merge elsewhere.

May import: api.schema (lazily, it costs some milliseconds), machinery.patch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kajitori.machinery.patch import merge_patch

if TYPE_CHECKING:
    from kajitori.client.discovery import APIResource
    from kajitori.client.objects import PatchType
    from kajitori.machinery.typeschema import Schema

Wire = dict[str, Any]


def schema_of(resource: APIResource) -> Schema | None:
    """The schema of a built-in kind; None for a custom one."""
    from kajitori.api import schema

    try:
        return schema.for_kind(resource.group, resource.version, resource.kind)
    except LookupError:
        return None


def two_way(resource: APIResource, old: Wire, new: Wire) -> tuple[Wire, PatchType]:
    """What turns `old` into `new`."""
    schema = schema_of(resource)
    if schema is None:
        return merge_patch.create(old, new), "merge"
    from kajitori.machinery.patch import strategic_diff

    return strategic_diff.create_two_way(old, new, schema), "strategic"


def three_way(resource: APIResource, original: Wire, modified: Wire, current: Wire) -> tuple[Wire, PatchType]:
    """What brings `current` to `modified`, removing what was in `original` and is in `modified` no more."""
    schema = schema_of(resource)
    if schema is None:
        return merge_patch.create_three_way(original, modified, current), "merge"
    from kajitori.machinery.patch import strategic_diff

    return strategic_diff.create_three_way(original, modified, current, schema), "strategic"
