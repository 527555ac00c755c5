"""Writes (or with ``--verify`` compares) ``*_pb2.py`` and ``*_pb2.pyi`` from the ``.proto`` files beside this module.

Needs the development dependency grpcio-tools. May import: nothing of the project.
"""

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = ("etcd.proto",)


def generate(target: Path) -> None:
    """Run protoc over every source."""
    from grpc_tools import protoc

    for source in SOURCES:
        args = ["protoc", f"-I{HERE}", f"--python_out={target}", f"--pyi_out={target}", source]
        if protoc.main(args) != 0:
            raise SystemExit(f"protoc failed on {source}")


def stale() -> list[str]:
    """Names of generated files that differ from what the sources say now."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh = sorted(Path(folder).iterdir())
        return [f.name for f in fresh if not (HERE / f.name).exists() or (HERE / f.name).read_text() != f.read_text()]


def main(argv: list[str]) -> int:
    """``generate`` or ``generate --verify``."""
    if "--verify" in argv:
        if names := stale():
            sys.stderr.write(f"out of date: {', '.join(names)}; run python -m kajitori.storage.etcdapi.generate\n")
            return 1
        return 0
    generate(HERE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
