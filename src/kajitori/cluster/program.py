"""Where this very program lies on the host: the folders a node and its system pods mount read-only to run it.

Covers a virtual environment, the interpreter it was made from and the source tree of an editable install.
May import: nothing of Kajitori but its top package.
"""

import compileall
import sys
from pathlib import Path

import kajitori


def interpreter() -> str:
    """The Python that runs us, by the path of its environment (not resolved: the environment would be lost)."""
    return str(Path(sys.prefix) / "bin" / "python3") if sys.prefix != sys.base_prefix else sys.executable


def source_root() -> Path:
    """The folder that holds the `kajitori` package."""
    return Path(next(iter(kajitori.__path__))).resolve().parent


def folders() -> tuple[str, ...]:
    """Every folder outside /usr that the program needs, none inside another."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), source_root()}
    outside = sorted(path for path in wanted if not path.is_relative_to("/usr"))
    return tuple(
        str(path) for path in outside if not any(path != other and path.is_relative_to(other) for other in outside)
    )


def compile_bytecode() -> None:
    """Bring the package's bytecode up to date: a node sees its folders read-only and would compile at every start."""
    compileall.compile_dir(str(source_root() / "kajitori"), quiet=2, maxlevels=10)
