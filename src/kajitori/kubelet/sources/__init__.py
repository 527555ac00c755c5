"""Where Pods come from: files on the node, and the API server.

May import: client, api, machinery, aiokit; of the kubelet `interfaces`, `labels`, `pods`, `inotify`.
"""
