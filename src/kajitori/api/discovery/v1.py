"""The types of discovery.k8s.io/v1, built on first use. Their names and fields stand in the stub beside this file."""

from kajitori.api.lazy import lazy_types

__getattr__, __dir__ = lazy_types(__name__, "io.k8s.api.discovery.v1.")
