"""The logs that a node keeps under its /var/log, read from the host. May import: cluster.paths."""

from collections.abc import Iterator
from pathlib import Path

from kajitori.cluster.paths import Home

SERVICES = ("kubelet", "containerd", "images", "node")
CHUNK = 64 * 1024


def last_lines(path: Path, count: int) -> list[str]:
    """The end of a file, without reading all of it."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            start = size
            data = b""
            while start > 0 and data.count(b"\n") <= count:
                start = max(0, start - CHUNK)
                file.seek(start)
                data = file.read(size - start)
    except OSError:
        return []
    return data.decode(errors="replace").splitlines()[-count:]


def containers(home: Home, node: str) -> list[Path]:
    """The newest log of every container on the node."""
    pods = home.machine(node).var / "log/pods"
    found = (sorted(path.glob("*.log"), key=lambda p: p.stat().st_mtime) for path in pods.glob("*/*"))
    return sorted(logs[-1] for logs in found if logs)


def sections(home: Home, node: str, count: int) -> Iterator[tuple[str, list[str]]]:
    """Title and last lines of everything that a node logs."""
    var = home.machine(node).var
    for path in containers(home, node):
        namespace_pod = path.parent.parent.name.rsplit("_", 1)[0].replace("_", "/")
        yield f"{namespace_pod} [{path.parent.name}]", last_lines(path, count)
    for service in SERVICES:
        yield service, last_lines(var / f"log/{service}.log", count)
    yield "keeper", last_lines(home.machine(node).root / "keeper.log", count)


def tail(home: Home, node: str, count: int = 15) -> str:
    """What is most likely to say why a node did not come up."""
    var = home.machine(node).var
    picked = [*last_lines(home.machine(node).root / "sandbox.log", 5), *last_lines(var / "log/kubelet.log", count)]
    for path in containers(home, node):
        if "kube-apiserver" in str(path):
            picked += last_lines(path, count)
    return "\n".join(f"  {line}" for line in picked)
