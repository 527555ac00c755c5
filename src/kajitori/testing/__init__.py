"""For your own tests: a whole API server in-process. See docs/testing.md; `from kajitori.testing import ControlPlane`.

Importing this costs nothing: names are loaded when first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kajitori.testing.controlplane import ControlPlane

__all__ = ["ControlPlane"]


def __getattr__(name: str) -> Any:
    if name == "ControlPlane":
        from kajitori.testing.controlplane import ControlPlane

        return ControlPlane
    raise AttributeError(name)
