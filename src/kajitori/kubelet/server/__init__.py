"""The kubelet's HTTP servers: logs, exec, attach, port-forward, pods, statistics and metrics on 10250, health on 10248.

`server` routes and owns the sockets, `auth` lets callers in, `http` speaks the protocol; the rest are handlers.
May import: client, machinery, aiokit, kubelet.interfaces.
"""

from kajitori.kubelet.server.server import KubeletServer

__all__ = ["KubeletServer"]
