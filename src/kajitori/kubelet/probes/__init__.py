"""Probes: whether a container has started, is ready, is alive.

`checks` asks once (exec, HTTP, TCP, gRPC), `worker` turns answers into a debounced state, `manager` owns the workers.
May import: api, machinery, aiokit, kubelet.interfaces.
"""

from kajitori.kubelet.probes.manager import ProbeManager

__all__ = ["ProbeManager"]
