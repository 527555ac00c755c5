"""How an admission plugin says no. May import: admission_types, machinery.errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.machinery.errors import Forbidden


def refuse(request: AdmissionRequest, why: str, causes: Sequence[dict[str, Any]] = ()) -> Forbidden:
    """`pods "x" is forbidden: why`. A name that is still to be generated is shown as its prefix or "Unknown"."""
    name = request.name or _name(request.object)
    return Forbidden.of(request.resource.group, request.resource.plural, name, why, causes)


def _name(obj: dict[str, Any] | None) -> str:
    """Of an object without metadata, options of a CONNECT for example, a name that no object can have."""
    if obj is None:
        return "Unknown"
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return "Unknown/errorGettingName"
    return str(metadata.get("name") or metadata.get("generateName") or "Unknown")
