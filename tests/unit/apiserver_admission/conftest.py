"""The world of the security half's unit tests: a reader over a dict, a writer that records."""

from tests.unit.apiserver_security.conftest import World, make_deps, world

__all__ = ["World", "make_deps", "world"]
