"""How results name an object: ``deployment.apps/web``, ``pod/x``, and the lines ``deployment.apps/web created``.

Pure.
"""

from __future__ import annotations

from typing import Any

Wire = dict[str, Any]


def group_of(obj: Wire) -> str:
    """The API group of an object, "" for the core."""
    group, slash, _ = (obj.get("apiVersion") or "").rpartition("/")
    return group if slash else ""


def kind_name(obj: Wire) -> str:
    """``deployment.apps``, ``pod``: the kind in lower case with its group."""
    kind, group = (obj.get("kind") or "").lower(), group_of(obj)
    return f"{kind}.{group}" if group else kind


def name_of(obj: Wire) -> str:
    return str((obj.get("metadata") or {}).get("name") or "")


def namespace_of(obj: Wire) -> str:
    return str((obj.get("metadata") or {}).get("namespace") or "")


def qualified(obj: Wire) -> str:
    """``deployment.apps/web``."""
    return f"{kind_name(obj)}/{name_of(obj)}"
