"""What the API shows of a Pod: computed from spec and runtime (pure), then written.

May import: client, api, machinery, aiokit; of the kubelet `interfaces`, `labels`, `pods`, `runtime`.
"""
