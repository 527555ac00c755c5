"""Aggregation: API groups that other servers serve, shown as if they were our own."""

from kajitori.apiserver.aggregation.build import Aggregation

__all__ = ["Aggregation"]
