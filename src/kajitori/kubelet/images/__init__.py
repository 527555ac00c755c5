"""Images: pulling with policy and back-off, credentials, garbage collection.

May import: api, machinery, aiokit; of the kubelet `cri`, `interfaces`, `pods`.
"""
