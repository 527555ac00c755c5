"""The controllers of Kubernetes, one module each, and the manager that runs them.

They know the cluster through `client` alone, as any operator does: never through the API server's inside.
May import: client, api, machinery, aiokit; no controller imports another.
"""
