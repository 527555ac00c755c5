"""Registry hooks: rules of single resources that need I/O, and subresources of their own. `build.py` lists them."""

from kajitori.apiserver.registry.build import build_registry

__all__ = ["build_registry"]
