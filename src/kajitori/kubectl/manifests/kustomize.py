"""Kustomizations: resources, generators, names, labels, images, replicas and patches put together.

Understood: resources, bases, components, namespace, namePrefix, nameSuffix, labels, commonLabels, commonAnnotations,
images, replicas, configMapGenerator, secretGenerator, generatorOptions, patches, patchesStrategicMerge,
patchesJson6902. Remote bases, transformers, replacements, helm charts and vars are refused by name.
May import: kubectl, machinery.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from kajitori.kubectl.flags import UsageError
from kajitori.kubectl.manifests.documents import parse
from kajitori.kubectl.manifests.kustomize_generate import generated
from kajitori.kubectl.manifests.kustomize_patch import patched
from kajitori.kubectl.manifests.kustomize_refs import renamed

Wire = dict[str, Any]
FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
REFUSED = ("transformers", "generators", "replacements", "helmCharts", "vars", "crds", "validators")
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
    }
)
FIRST = (
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy",
    "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service",
    "LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
    "PodDisruptionBudget",
)  # fmt: skip
LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
CONTAINERS = ("containers", "initContainers")


def build(folder: Path) -> list[Wire]:
    """The objects of a kustomization, in order. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(
            f"error: must build at directory: not a valid directory: evalsymlink failure on '{folder}' : "
            f"lstat {folder}: no such file or directory"
        )
    return sorted(_build(folder, []), key=_order)


def _order(obj: Wire) -> tuple[int, str, str, str]:
    """What others depend on comes first, webhooks come last."""
    kind, meta = obj.get("kind", ""), obj.get("metadata") or {}
    rank = FIRST.index(kind) - len(FIRST) if kind in FIRST else LAST.index(kind) + 1 if kind in LAST else 0
    group, _, version = obj.get("apiVersion", "").rpartition("/")
    return rank, f"{group}_{version}_{kind}", meta.get("namespace") or "", meta.get("name") or ""


def _build(folder: Path, inherited: list[Wire]) -> list[Wire]:
    config = _configuration(folder)
    objects = [*inherited]
    for entry in (*(config.get("resources") or ()), *(config.get("bases") or ())):
        objects += _resource(folder, entry)
    for entry in config.get("components") or ():
        objects = _build((folder / entry).resolve(), objects)
    objects += generated(folder, config)
    return _transformed(folder, config, objects)


def _configuration(folder: Path) -> Wire:
    from kajitori.kubectl.manifests.yamlload import load

    file = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if file is None:
        raise UsageError(
            f"error: unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory "
            f"'{folder.resolve()}'"
        )
    config = load(file.read_text()) or {}
    assert isinstance(config, dict)
    for key in REFUSED:
        if config.get(key):
            raise UsageError(f"error: {file}: field {key} is not supported")
    return config


def _resource(folder: Path, entry: str) -> list[Wire]:
    if "://" in entry or entry.startswith(("github.com/", "git@")):
        raise UsageError(f"error: accumulating resources from '{entry}': remote resources are not supported")
    path = folder / entry
    if path.is_dir():
        return _build(path.resolve(), [])
    if not path.is_file():
        raise UsageError(
            f"error: accumulating resources: accumulation err='accumulating resources from '{entry}': open "
            f"{path.resolve()}: no such file or directory'"
        )
    return [document.object for document in parse(path.read_bytes(), str(path))]


def _transformed(folder: Path, config: Wire, objects: list[Wire]) -> list[Wire]:
    objects = patched(folder, config, [copy.deepcopy(obj) for obj in objects])
    prefix, suffix = config.get("namePrefix") or "", config.get("nameSuffix") or ""
    names: dict[tuple[str, str], str] = {}
    for obj in objects:
        meta = obj.setdefault("metadata", {})
        old = meta.get("name", "")
        generated_hash = obj.pop("\0hash", "")
        if obj.get("kind") not in ("Namespace", "CustomResourceDefinition") or generated_hash:
            meta["name"] = prefix + old + suffix + generated_hash
        names[(obj.get("kind", ""), old)] = meta["name"]
        if config.get("namespace") and obj.get("kind") not in CLUSTER_SCOPED:
            meta["namespace"] = config["namespace"]
        _annotate(obj, config.get("commonAnnotations") or {})
        _label(obj, config)
        _images(obj, config.get("images") or ())
        _replicas(obj, old, config.get("replicas") or ())
    return [renamed(obj, names, config.get("namespace") or "") for obj in objects]


def _annotate(obj: Wire, annotations: dict[str, str]) -> None:
    if annotations:
        for meta in _metas(obj):
            meta["annotations"] = (meta.get("annotations") or {}) | annotations


def _metas(obj: Wire) -> list[Wire]:
    """The object's own metadata and its templates'."""
    found = [obj.setdefault("metadata", {})]
    template = (obj.get("spec") or {}).get("template")
    if isinstance(template, dict):
        found.append(template.setdefault("metadata", {}))
    job = (obj.get("spec") or {}).get("jobTemplate")
    if isinstance(job, dict):
        found.append(job.setdefault("metadata", {}))
        found.append(job.setdefault("spec", {}).setdefault("template", {}).setdefault("metadata", {}))
    return found


def _label(obj: Wire, config: Wire) -> None:
    common = config.get("commonLabels") or {}
    groups = [{"pairs": common, "includeSelectors": True}] if common else []
    for group in (*groups, *(config.get("labels") or ())):
        pairs = group.get("pairs") or {}
        everywhere = group.get("includeSelectors") or group.get("includeTemplates")
        for meta in _metas(obj) if everywhere else [obj["metadata"]]:
            meta["labels"] = (meta.get("labels") or {}) | pairs
        if group.get("includeSelectors"):
            _select(obj, pairs)


def _select(obj: Wire, pairs: dict[str, str]) -> None:
    spec = obj.get("spec")
    if not isinstance(spec, dict):
        return
    kind = obj.get("kind")
    if kind in ("Service", "ReplicationController") and spec.get("selector"):
        spec["selector"] |= pairs
    elif kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"):
        selector = spec.setdefault("selector", {})
        selector["matchLabels"] = (selector.get("matchLabels") or {}) | pairs


def _images(obj: Wire, images: Any) -> None:
    for container in _containers(obj):
        for image in images:
            name, sign, rest = _image_parts(container.get("image") or "")
            if name == image.get("name"):
                tag = f"@{image['digest']}" if image.get("digest") else ""
                tag = tag or (f":{image['newTag']}" if image.get("newTag") else sign + rest)
                container["image"] = (image.get("newName") or name) + tag


def _image_parts(image: str) -> tuple[str, str, str]:
    """Name, sign and tag or digest."""
    if "@" in image:
        name, _, digest = image.partition("@")
        return name, "@", digest
    head, slash, tail = image.rpartition("/")
    name, colon, tag = tail.partition(":")
    return head + slash + name, colon, tag


def _containers(value: Any) -> list[Wire]:
    """Every container below, whatever holds it."""
    if isinstance(value, list):
        return [one for item in value for one in _containers(item)]
    if not isinstance(value, dict):
        return []
    found = [one for key in CONTAINERS for one in value.get(key) or () if isinstance(one, dict)]
    deeper = [item for key, item in value.items() if key not in CONTAINERS]
    return found + _containers(deeper)


def _replicas(obj: Wire, name: str, replicas: Any) -> None:
    for one in replicas:
        if one.get("name") == name and obj.get("kind") in (
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
            "ReplicationController",
        ):
            obj.setdefault("spec", {})["replicas"] = one.get("count")
