"""The types of node.k8s.io/v1, built on first use; the stub beside this file lists them."""

from kajitori.api.lazy import lazy_types

__getattr__, __dir__ = lazy_types(__name__, "io.k8s.api.node.v1.")
