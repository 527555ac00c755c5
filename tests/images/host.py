"""Programs of this machine's own packages, taken into an image with the libraries that they load.

An image made so holds what Debian built and nothing of the network: the package is installed by name (see .ci/run), its
files are copied.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from kajitori.cluster.imagebuild.layer import Layer

LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


def find(program: str) -> Path:
    """Where a program lies; one that is missing names its package."""
    found = shutil.which(program, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise FileNotFoundError(
            f"{program} is needed to build the test images; install the Debian package that brings it"
        )
    return Path(found)


def libraries(program: Path) -> list[Path]:
    """Every shared library and the loader, by the paths under which the program looks for them."""
    out = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    return [Path(match) for match in LIBRARY.findall(out)]


def add_program(layer: Layer, program: Path, *, at: str, seen: set[str]) -> None:
    """A program at a path of the image, and what it loads at the paths of this machine's merged /usr."""
    files = [(program.resolve(), at), *((path.resolve(), canonical(path)) for path in libraries(program.resolve()))]
    for source, target in files:
        if target not in seen:
            seen.add(target)
            layer.file(target, source.read_bytes(), 0o755)


def canonical(path: Path) -> str:
    """`/lib/x` is `/usr/lib/x`: the image has the same links."""
    text = str(path)
    return text if text.startswith("/usr/") else f"/usr{text}"


def with_programs(layer: Layer, programs: Iterable[str]) -> None:
    """Several programs under /usr/bin, with the merged-usr links."""
    seen: set[str] = set()
    for name in ("bin", "sbin", "lib", "lib64"):
        layer.directory(f"usr/{name}")
        layer.symlink(name, f"usr/{name}")
    for name in programs:
        add_program(layer, find(name), at=f"/usr/bin/{name}", seen=seen)
