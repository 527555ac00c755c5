"""The Scale view of a custom resource, by the paths that its definition names. Pure. May import: machinery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, InternalError, Invalid
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.gotext import quote

Object = dict[str, Any]
_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def _steps(path: str) -> list[str]:
    return path.removeprefix(".").split(".")


def _dig(obj: Mapping[str, Any], path: str) -> Any:
    value: Any = obj
    for step in _steps(path):
        value = value.get(step) if isinstance(value, dict) else None
    return value


UNSET = -(1 << 31)
"""The replicas, as whoever is about to write them sees it, where there are none yet."""


def scale_of(obj: Object, paths: Mapping[str, str], missing: int | None = None) -> Object:
    """An autoscaling/v1 Scale. Raises InternalError without spec replicas, if nothing is said for `missing`."""
    replicas = _dig(obj, paths["specReplicasPath"])
    if replicas is None and missing is not None:
        replicas = missing
    if not isinstance(replicas, int):
        raise InternalError.of(f"the spec replicas field {quote(paths['specReplicasPath'])} does not exist")
    status: Object = {"replicas": _dig(obj, paths["statusReplicasPath"]) or 0}
    selector = _dig(obj, paths["labelSelectorPath"]) if paths.get("labelSelectorPath") else None
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: obj["metadata"][key] for key in _META if key in obj["metadata"]},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def set_replicas(current: Object, replicas: int, paths: Mapping[str, str]) -> None:
    """Writes the replicas of a Scale. Raises Invalid where there is no place for them, BadRequest where it has none."""
    if replicas == UNSET:
        raise BadRequest(f"the spec replicas field {quote(paths['specReplicasPath'])} cannot be empty")
    *steps, last = _steps(paths["specReplicasPath"])
    holder: Any = current
    for step in steps:
        holder = holder.setdefault(step, {})
        if not isinstance(holder, dict):
            problem = fieldpath.invalid(Path(*steps), holder, "must be an object")
            raise Invalid.of("", current.get("kind", ""), current["metadata"]["name"], [problem])
    holder[last] = replicas
