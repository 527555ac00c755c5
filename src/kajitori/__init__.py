"""Kajitori: Kubernetes v1.34 in Python. See docs/architecture.md for the plan of the house."""

__version__ = "0.1.0"
KUBERNETES_VERSION = "v1.34.5"
"""The Kubernetes release whose behaviour this package has; every component reports it."""
