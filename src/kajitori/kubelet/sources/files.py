"""Static pods: manifests in a directory (or one file) on the node.

Each manifest becomes one Pod named ``NAME-NODE`` whose UID is a hash of what the file says, so that a restarted
kubelet recognises its containers and a changed file is a new Pod. Works without any API server. May import: api,
aiokit; yaml lazily.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import describe, get_logger
from kajitori.machinery import yamlerrors
from kajitori.machinery.times import format_time

from .. import labels
from ..server.inotify import CLOSE_WRITE, DELETE, MOVED_FROM, MOVED_TO, DirectoryWatch

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Pod

log = get_logger(__name__)
RECHECK_S = 20.0
"""Upstream's --file-check-frequency: in case a change was not seen."""


class InvalidManifest(Exception):
    """A file that is no Pod."""


def parse_manifest(text: str, *, path: str, node_name: str, seen: str) -> Pod:
    """The static pod in a manifest; raises `InvalidManifest`."""
    import yaml

    from kajitori.api import schema
    from kajitori.api.core import pod_defaults, v1

    try:
        wire = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise InvalidManifest(f"{path}: {yamlerrors.words(error, text)}") from error
    if not isinstance(wire, dict) or wire.get("kind") != "Pod" or wire.get("apiVersion") != "v1":
        raise InvalidManifest(f"{path}: not a v1 Pod")
    if not (wire.get("metadata") or {}).get("name"):
        raise InvalidManifest(f"{path}: metadata.name: Required value")
    static_identity(wire, path=path, node_name=node_name, seen=seen)
    pod_defaults.pod(wire)
    try:
        return schema.from_wire(v1.Pod, wire)
    except ValueError as error:
        raise InvalidManifest(f"{path}: {error}") from error


def static_identity(wire: dict[str, Any], *, path: str, node_name: str, seen: str) -> None:
    """Give a manifest the name, UID and notes of a static pod on this node."""
    import orjson

    meta = wire["metadata"]
    if not meta.get("uid"):
        content = orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)
        seed = content + f"|host:{node_name}|file:{path}".encode()
        meta["uid"] = hashlib.md5(seed, usedforsecurity=False).hexdigest()
    meta["name"] = f"{meta['name']}-{node_name}"
    meta.setdefault("namespace", "default")
    notes = dict(meta.get("annotations") or {})
    notes |= {labels.CONFIG_HASH: meta["uid"], labels.CONFIG_SEEN: seen, labels.CONFIG_SOURCE: "file"}
    meta["annotations"] = notes
    spec = wire.setdefault("spec", {})
    spec["nodeName"] = node_name
    spec["tolerations"] = [*(spec.get("tolerations") or ()), {"operator": "Exists", "effect": "NoExecute"}]
    wire["status"] = {"phase": "Pending"}


def read_manifests(path: Path, *, node_name: str, seen: str) -> dict[str, Pod]:
    """UID → static pod. A bad file is logged and skipped: the others must not suffer."""
    files = [path] if path.is_file() else sorted(p for p in path.glob("*") if p.is_file()) if path.is_dir() else []
    found: dict[str, Pod] = {}
    for file in files:
        if file.name.startswith("."):
            continue
        try:
            pod = parse_manifest(file.read_text(), path=str(file), node_name=node_name, seen=seen)
        except (InvalidManifest, OSError, UnicodeDecodeError) as error:
            log.warning("cannot use static pod manifest", file=str(file), err=describe(error))
            continue
        found[pod.metadata.uid or ""] = pod
    return found


class StaticPods:
    """Follows the manifests until cancelled."""

    def __init__(
        self,
        path: str,
        *,
        node_name: str,
        clock: Clock,
        on_set: Callable[[Pod], None],
        on_remove: Callable[[Pod], None],
        on_synced: Callable[[], None] = lambda: None,
    ) -> None:
        self._path, self._node_name, self._clock = Path(path), node_name, clock
        self._on_set, self._on_remove, self._on_synced = on_set, on_remove, on_synced
        self.pods: dict[str, Pod] = {}

    def read(self) -> None:
        """Tell what is new and what is gone."""
        seen = format_time(self._clock.now())
        fresh: Mapping[str, Pod] = read_manifests(self._path, node_name=self._node_name, seen=seen)
        gone = [pod for uid, pod in self.pods.items() if uid not in fresh]
        new = [pod for uid, pod in fresh.items() if uid not in self.pods]
        self.pods = {uid: self.pods.get(uid, pod) for uid, pod in fresh.items()}
        for pod in gone:
            self._on_remove(pod)
        for pod in new:
            self._on_set(pod)

    async def run(self) -> None:
        """Reads at once, at every change of the folder and every `RECHECK_S` seconds, until cancelled.

        A folder that does not exist counts as read, and is waited for.
        """
        folder = self._path.parent if self._path.is_file() else self._path
        while not folder.is_dir():
            self._on_synced()
            await self._clock.sleep(RECHECK_S)
        with DirectoryWatch(folder, CLOSE_WRITE | MOVED_FROM | MOVED_TO | DELETE) as watch:
            self.read()
            self._on_synced()
            while True:
                if await watch.changed(RECHECK_S):
                    await asyncio.sleep(0)  # whoever writes a file now may be writing others
                self.read()
