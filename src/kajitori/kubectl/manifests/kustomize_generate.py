"""configMapGenerator and secretGenerator of a kustomization. May import: kubectl.generate.

The hash that ends a name is upstream's, which leaves the name itself out (``kubectl create --append-hash`` does not).
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from kajitori.kubectl.generate.contents import gather, name_hash

Wire = dict[str, Any]


def generated(folder: Path, config: Wire) -> list[Wire]:
    """The objects; the hash that will end a name waits under the key NUL hash."""
    options = config.get("generatorOptions") or {}
    maps = [_config_map(folder, one, options) for one in config.get("configMapGenerator") or ()]
    return maps + [_secret(folder, one, options) for one in config.get("secretGenerator") or ()]


def _contents(folder: Path, kind: str, one: Wire) -> dict[str, bytes]:
    files = [_in(folder, source) for source in one.get("files") or ()]
    envs = [str(folder / name) for name in one.get("envs") or ()]
    found = gather(kind, one.get("name", ""), files=files, literals=one.get("literals") or (), env_files=())
    return found | gather(kind, one.get("name", ""), files=(), literals=(), env_files=envs)


def _in(folder: Path, source: str) -> str:
    key, equals, name = source.partition("=")
    return f"{key}={folder / name}" if equals else str(folder / source)


def _meta(one: Wire, options: Wire) -> Wire:
    own = one.get("options") or {}
    meta: Wire = {"name": one.get("name", "")}
    for key in ("labels", "annotations"):
        merged = (options.get(key) or {}) | (own.get(key) or {})
        if merged:
            meta[key] = merged
    if one.get("namespace"):
        meta["namespace"] = one["namespace"]
    return meta


def _hashed(one: Wire, options: Wire) -> bool:
    own = one.get("options") or {}
    return not own.get("disableNameSuffixHash", options.get("disableNameSuffixHash", False))


def _config_map(folder: Path, one: Wire, options: Wire) -> Wire:
    texts: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in _contents(folder, "ConfigMap", one).items():
        try:
            texts[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode()
    made: Wire = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _meta(one, options)}
    made |= {"data": texts} if texts else {}
    made |= {"binaryData": binary} if binary else {}
    if _hashed(one, options):
        content = {"kind": "ConfigMap", "name": "", "data": texts or ""}
        made["\0hash"] = "-" + name_hash(content | ({"binaryData": binary} if binary else {}))
    return made


def _secret(folder: Path, one: Wire, options: Wire) -> Wire:
    found = _contents(folder, "Secret", one)
    data = {key: base64.b64encode(value).decode() for key, value in found.items()}
    kind = one.get("type") or "Opaque"
    made: Wire = {"apiVersion": "v1", "kind": "Secret", "metadata": _meta(one, options), "type": kind}
    made |= {"data": data} if data else {}
    if _hashed(one, options):
        made["\0hash"] = "-" + name_hash({"kind": "Secret", "type": kind, "name": "", "data": data or ""})
    return made
