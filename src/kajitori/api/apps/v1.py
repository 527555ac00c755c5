"""The types of apps/v1, built on first use. Their names and fields stand in the stub beside this file."""

from kajitori.api.lazy import lazy_types

__getattr__, __dir__ = lazy_types(__name__, "io.k8s.api.apps.v1.")
