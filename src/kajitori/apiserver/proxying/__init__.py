"""Proxying: bytes between a client and a kubelet, a Pod, a Service or a node. `build.py` lists what answers what."""

from kajitori.apiserver.proxying.build import build_proxying

__all__ = ["build_proxying"]
