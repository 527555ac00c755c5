"""Module `__getattr__` for the type modules: `from kajitori.api.core.v1 import Pod` builds Pod, and only what it needs.

May import: api.definitions, api.schema.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from kajitori.api import definitions, schema


def lazy_types(module: str, prefix: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the module whose types are the definitions that start with `prefix`."""

    def find(name: str) -> Any:
        if name.startswith("_") or not definitions.exists(prefix + name):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        found = schema.struct(prefix + name)
        setattr(sys.modules[module], name, found)
        return found

    def names() -> list[str]:
        return sorted(name.removeprefix(prefix) for name in definitions.names() if name.startswith(prefix))

    return find, names
