"""The node itself: what it is and has, its object in the API, its lease, its pressure.

May import: client, api, machinery, aiokit; of the kubelet `cri`, `interfaces`, `pods`, `runtime`.
"""
