"""VolumeManager: the volumes of this node's Pods, from `mount` to `unmount`, and their refreshing in between.

Volumes made of files change when what they show changes: a ConfigMap or Secret by its watch, a token by its timer,
the Pod's own labels when `update` brings the newer Pod. Nothing is polled.
Implements `interfaces.Volumes`. May import: api, machinery, aiokit, kubelet.{interfaces,runtime.resources,volumes}.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kajitori.aiokit.backoff import KeyedBackoff
from kajitori.aiokit.clock import Clock, RealClock, Timer
from kajitori.aiokit.logs import describe, get_logger
from kajitori.kubelet.interfaces import ConfigError, VolumeError
from kajitori.kubelet.runtime.resources import pod_limits
from kajitori.kubelet.volumes import hostpath, payload, persistent, subpath, writer
from kajitori.kubelet.volumes.mounts import Mounter, SystemMounter
from kajitori.kubelet.volumes.tokens import TokenCache

if TYPE_CHECKING:
    from kajitori.api.core.v1 import Container, Pod, Volume

log = get_logger(__name__)
Reference = payload.Reference
FILE_VOLUMES = {"config_map": "configmap", "secret": "secret", "downward_api": "downward-api", "projected": "projected"}
IN_MEMORY = ("secret", "projected")
NO_GIT = (
    "git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate "
    "`GitRepoVolumeDriver`"
)
"""As v1.33 and later say by default."""


class VolumeManager:
    def __init__(
        self,
        *,
        root_dir: str | Path,
        source: Any,
        node_name: str = "",
        client: object = None,
        clock: Clock | None = None,
        mounter: Mounter | None = None,
        allocatable: Mapping[str, str] | None = None,
    ) -> None:
        del client  # the source has it
        self._pods_dir = Path(root_dir) / "pods"
        self._source, self._clock = source, clock or RealClock()
        self._mounter = mounter or SystemMounter()
        self._allocatable = allocatable or {}
        self._tokens = TokenCache(source, self._clock)
        self._gatherer = payload.Gatherer(
            objects=source, tokens=self._tokens, node_name=node_name, allocatable=allocatable or {}
        )
        self._mounted: dict[str, Pod] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._followers: dict[Reference, set[str]] = {}
        self._timers: dict[str, tuple[float, Timer]] = {}
        self._stale: set[str] = set()
        self._wake = asyncio.Event()
        self._retries: KeyedBackoff[str] = KeyedBackoff(1.0, max_s=60.0, clock=self._clock.monotonic)

    async def mount(self, pod: Pod) -> Mapping[str, str]:
        uid = pod.metadata.uid or ""
        async with self._locks.setdefault(uid, asyncio.Lock()):
            self._mounted[uid] = pod
            self._follow(pod)
            paths = await asyncio.gather(*(self._set_up(pod, volume) for volume in pod.spec.volumes))
            return {volume.name or "": path for volume, path in zip(pod.spec.volumes, paths, strict=True)}

    def update(self, pod: Pod) -> None:
        """A newer object of a Pod: if it is mounted, what its downward API volumes show follows."""
        uid = pod.metadata.uid or ""
        if uid in self._mounted:
            before, self._mounted[uid] = self._mounted[uid].metadata, pod
            if (before.labels, before.annotations) != (pod.metadata.labels, pod.metadata.annotations):
                self._mark(uid)

    async def unmount(self, pod_uid: str) -> None:
        async with self._locks.setdefault(pod_uid, asyncio.Lock()):
            self._forget(pod_uid)
            folder = self._pods_dir / pod_uid
            if folder.is_dir():
                await asyncio.to_thread(self._tear_down, folder)
        self._locks.pop(pod_uid, None)

    async def sub_path(self, pod: Pod, container: Container, mount_index: int, host_path: str, sub_path: str) -> str:
        mount = container.volume_mounts[mount_index]
        folder = self._pods_dir / (pod.metadata.uid or "") / "volume-subpaths" / (mount.name or "")
        target = folder / (container.name or "") / str(mount_index)
        try:
            self._unmount_exactly(target)  # a restarted container gets it anew: the volume may have changed
            subpath.bind(host_path, sub_path, target, self._mounter)
        except (OSError, subpath.SubPathError) as err:
            log.error(
                "subPath cannot be mounted", err, pod=f"{pod.metadata.namespace}/{pod.metadata.name}", path=sub_path
            )
            words = f'failed to prepare subPath for volumeMount "{mount.name}" of container "{container.name}"'
            raise ConfigError(words) from err
        return str(target)

    def orphans(self, wanted_uids: set[str]) -> list[str]:
        if not self._pods_dir.is_dir():
            return []
        return sorted(folder.name for folder in self._pods_dir.iterdir() if folder.name not in wanted_uids)

    async def run(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._stale:
                    await self._refresh(self._stale.pop())
        finally:
            for _, timer in self._timers.values():
                timer.cancel()

    # One volume

    async def _set_up(self, pod: Pod, volume: Volume) -> str:
        try:
            return await self._path(pod, volume)
        except (payload.PayloadError, hostpath.HostPathError, writer.InvalidPath, OSError) as err:
            raise VolumeError(f'MountVolume.SetUp failed for volume "{volume.name}" : {err}') from err
        except persistent.ClaimError as err:
            raise VolumeError(str(err)) from err

    async def _path(self, pod: Pod, volume: Volume) -> str:
        for attribute, plugin in FILE_VOLUMES.items():
            if getattr(volume, attribute) is not None:
                return await self._files(pod, volume, plugin, in_memory=attribute in IN_MEMORY)
        if volume.empty_dir is not None:
            return self._empty_dir(pod, volume)
        if volume.host_path is not None:
            hostpath.prepare(volume.host_path.path or "", volume.host_path.type or "")
            return volume.host_path.path or ""
        if persistent.claim_name(pod, volume) is not None:
            return await persistent.path_of(pod, volume, self._source)
        if volume.git_repo is not None:
            raise payload.PayloadError(NO_GIT)
        raise payload.PayloadError("no volume plugin matched")

    async def _files(self, pod: Pod, volume: Volume, plugin: str, *, in_memory: bool) -> str:
        gathered = await self._gatherer.gather(pod, volume)
        folder = self._folder(pod, plugin, volume)
        if self._make_folder(folder, in_memory=in_memory) and in_memory:
            self._mounter.tmpfs(folder, "mode=0755,size=16m")
        group = payload.fs_group(pod)
        writer.write(folder, payload.for_group(gathered.files, group))
        if group is not None:
            os.chown(folder, -1, group)
        if gathered.refresh_at is not None:
            self._refresh_at(pod.metadata.uid or "", gathered.refresh_at)
        return str(folder)

    def _empty_dir(self, pod: Pod, volume: Volume) -> str:
        source = volume.empty_dir
        assert source is not None
        if (source.medium or "").startswith("HugePages"):  # no node of ours has any
            raise payload.PayloadError("hugePages storage requested, but there is no resource request for huge pages.")
        folder = self._folder(pod, "empty-dir", volume)
        in_memory = source.medium == "Memory"
        if self._make_folder(folder, in_memory=in_memory):
            if in_memory:
                size = self._memory_for(pod, source.size_limit)
                self._mounter.tmpfs(folder, f"mode=1777,size={size}" if size else "mode=1777")
            mode = 0o1777 if in_memory else 0o777  # a tmpfs is sticky by nature
            folder.chmod(mode)
            if (group := payload.fs_group(pod)) is not None:
                os.chown(folder, -1, group)
                folder.chmod(mode | stat.S_ISGID)
        return str(folder)

    def _memory_for(self, pod: Pod, limit: str | None) -> int:
        """Bytes of a volume in memory: its own limit, at most what the Pod or else the node may have; 0 is unknown."""
        from kajitori.machinery.quantity import Quantity

        most = pod_limits(pod)[2] or Quantity.parse(self._allocatable.get("memory", "0")).value()
        wanted = Quantity.parse(limit).value() if limit else 0
        return min(most, wanted) if most and wanted else wanted or most

    def _folder(self, pod: Pod, plugin: str, volume: Volume) -> Path:
        return self._pods_dir / (pod.metadata.uid or "") / "volumes" / f"kubernetes.io~{plugin}" / (volume.name or "")

    def _make_folder(self, folder: Path, *, in_memory: bool) -> bool:
        """Whether it had to be made. After a reboot the folder is there but its tmpfs is not: that counts as new."""
        if folder.is_dir():
            return in_memory and str(folder) not in self._mounter.below(folder.parent)
        folder.mkdir(mode=0o750, parents=True)
        folder.chmod(0o755)
        return True

    # Undoing

    def _tear_down(self, folder: Path) -> None:
        for point in self._mounter.below(folder):
            self._mounter.unmount(point)
        left = self._mounter.below(folder)
        if left:
            raise OSError(f"still mounted, so nothing below is removed: {left}")
        for kind in ("volume-subpaths", "volumes"):
            shutil.rmtree(folder / kind, ignore_errors=True)

    def _unmount_exactly(self, target: Path) -> None:
        if target.exists() and str(target) in self._mounter.below(target.parent):
            self._mounter.unmount(str(target))

    def _forget(self, uid: str) -> None:
        self._mounted.pop(uid, None)
        self._stale.discard(uid)
        self._tokens.forget(uid)
        self._retries.reset(uid)
        if entry := self._timers.pop(uid, None):
            entry[1].cancel()
        for reference, users in list(self._followers.items()):
            users.discard(uid)
            if not users:
                del self._followers[reference]
                self._source.unfollow(reference, self._changed)

    # Staying current

    def _follow(self, pod: Pod) -> None:
        for volume in pod.spec.volumes:
            for reference in payload.references(pod, volume):
                self._followers.setdefault(reference, set()).add(pod.metadata.uid or "")
                self._source.follow(reference, self._changed)

    def _changed(self, reference: Reference) -> None:
        self._stale |= self._followers.get(reference, set())
        self._wake.set()

    def _refresh_at(self, uid: str, when: float) -> None:
        """Refresh the Pod's volumes at `when`, or earlier if something of it wants that."""
        if entry := self._timers.get(uid):
            if entry[0] <= when:
                return
            entry[1].cancel()
        timer = self._clock.call_later(when - self._clock.monotonic(), lambda: self._due(uid))
        self._timers[uid] = when, timer

    def _due(self, uid: str) -> None:
        self._timers.pop(uid, None)
        self._mark(uid)

    def _mark(self, uid: str) -> None:
        if uid in self._mounted:
            self._stale.add(uid)
            self._wake.set()

    async def _refresh(self, uid: str) -> None:
        pod = self._mounted.get(uid)
        if pod is None:
            return
        async with self._locks.setdefault(uid, asyncio.Lock()):
            if uid not in self._mounted:
                return
            for volume in pod.spec.volumes:
                plugins = [(a, p) for a, p in FILE_VOLUMES.items() if getattr(volume, a) is not None]
                for attribute, plugin in plugins:
                    if not self._folder(pod, plugin, volume).is_dir():
                        continue  # it was never mounted: the Pod's own start tells what is wrong
                    try:
                        await self._files(pod, volume, plugin, in_memory=attribute in IN_MEMORY)
                    except payload.MissingError:
                        continue  # running Pods keep the files of what was deleted; its watch tells if it comes back
                    except (payload.PayloadError, writer.InvalidPath, OSError) as err:
                        self._retry(uid, volume.name or "", err)
                        return
        self._retries.reset(uid)

    def _retry(self, uid: str, volume: str, err: Exception) -> None:
        log.info("volume cannot be refreshed", volume=volume, pod_uid=uid, err=describe(err))
        self._refresh_at(uid, self._clock.monotonic() + self._retries.next(uid))
