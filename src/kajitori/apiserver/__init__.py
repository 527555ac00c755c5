"""The API server: HTTP surface, request path and resources of a Kubernetes v1.34 control plane.

Read `server.py` for the wiring, `pipeline.py` for the way of a request, `handlers/` for what each verb does.
"""
