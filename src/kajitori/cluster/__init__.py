"""Building clusters: node sandboxes, certificates, static pod manifests, addons, image loading, profiles on disk.

`minikube` and `kind` are two faces over this one library. May import: client, api, machinery, aiokit.
"""
