"""Names that changed, in the fields that refer to them. Pure."""

from __future__ import annotations

from typing import Any

Wire = dict[str, Any]
Names = dict[tuple[str, str], str]

_BY_KEY = {
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMap": "ConfigMap",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
    "service": "Service",
    "imagePullSecrets": "Secret",
}
_BY_FIELD = {
    "serviceAccountName": "ServiceAccount",
    "secretName": "Secret",
    "claimName": "PersistentVolumeClaim",
    "serviceName": "Service",
}


def renamed(obj: Wire, names: Names, namespace: str) -> Wire:
    """The object with references to renamed objects put right."""
    made = {key: value if key == "metadata" else _walk(value, key, names) for key, value in obj.items()}
    for subject in made.get("subjects") or ():
        if subject.get("kind") == "ServiceAccount":
            subject["name"] = names.get(("ServiceAccount", subject["name"]), subject["name"])
            if namespace:
                subject["namespace"] = namespace
    for key in ("roleRef", "scaleTargetRef"):
        holder = made if key == "roleRef" else made.get("spec") or {}
        target = holder.get(key)
        if isinstance(target, dict):
            target["name"] = names.get((target.get("kind", ""), target.get("name", "")), target.get("name", ""))
    return made


def _walk(value: Any, key: str, names: Names) -> Any:
    if isinstance(value, list):
        return [_walk(one, key, names) for one in value]
    if not isinstance(value, dict):
        kind = _BY_FIELD.get(key)
        return names.get((kind, value), value) if kind and isinstance(value, str) else value
    made = {name: _walk(one, name, names) for name, one in value.items()}
    kind = _BY_KEY.get(key)
    if kind and isinstance(made.get("name"), str):
        made["name"] = names.get((kind, made["name"]), made["name"])
    return made
