"""Volumes of Pods: made before containers start, kept current while they run, undone when the Pod is gone.

`manager` is the entry (`interfaces.Volumes`); `sources` brings ConfigMaps, Secrets, Services and tokens; `payload` says
what files a volume holds and `writer` puts them on disk atomically; `hostpath`, `persistent`, `subpath`, `mounts` know
one thing each. May import: client, api, machinery, aiokit, kubelet.{interfaces,environment}.
"""

from kajitori.kubelet.volumes.manager import VolumeManager
from kajitori.kubelet.volumes.sources import ApiSource

__all__ = ["ApiSource", "VolumeManager"]
