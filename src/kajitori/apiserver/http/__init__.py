"""HTTP/1.1 as the API server needs it: a small server over httptools, requests, responses, WebSocket frames.

Knows nothing of Kubernetes. May import: the standard library and httptools.
"""
