"""Pods as the container runtime sees them: what to ask of it for a Pod, and what it says there is.

May import: api, machinery; of the kubelet `cri`, `interfaces`, `labels`, `pods`.
"""
