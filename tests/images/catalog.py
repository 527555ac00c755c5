"""The images that the tutorials name, each made of Debian's programs and our own small ones.

`build(folder)` gives name → image, kept on disk between runs: what an image is made of decides whether it is built anew.
"""

import hashlib
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.images import host

from kajitori.cluster.imagebuild.layer import Layer
from kajitori.cluster.imagebuild.oci import Image

PROGRAMS = Path(__file__).parent / "programs"

Recipes = dict[str, tuple[list[Path], Callable[[], Image]]]
"""Image name → what it is made of, and how."""

PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
GROUP = b"root:x:0:\nnogroup:x:65534:\n"


def base() -> Layer:
    """What any image has: users, /tmp, a home."""
    layer = Layer()
    layer.file("etc/passwd", PASSWD)
    layer.file("etc/group", GROUP)
    layer.file("etc/nsswitch.conf", b"hosts: files dns\n")
    layer.directory("root", 0o700)
    layer.directory("tmp", 0o1777)
    layer.directory("var/run")
    return layer


def applets(busybox: Path) -> list[str]:
    """The names that a busybox answers to."""
    return subprocess.run([str(busybox), "--list"], capture_output=True, text=True, check=True).stdout.split()


def busybox_layer() -> bytes:
    """Debian's static busybox under every name that it answers to."""
    layer = base()
    program = host.find("busybox")
    layer.file("bin/busybox", program.read_bytes(), 0o755)
    for applet in applets(program):
        if applet != "busybox":
            layer.symlink(f"bin/{applet}", "busybox")
    return layer.finish()


def busybox() -> Image:
    return Image.of(layers=[busybox_layer()], cmd=["sh"], compress=True)


def web_server() -> Image:
    """Stands in for nginx: busybox's httpd on port 80. As first process it has to ask for the signals that end it."""
    layer = Layer()
    start = b"#!/bin/sh\ntrap 'exit 0' TERM QUIT INT\nhttpd -f -p 80 -h /usr/share/nginx/html &\nwait\n"
    layer.file("usr/sbin/nginx", start, 0o755)
    layer.file("usr/share/nginx/html/index.html", b"<h1>Welcome to nginx!</h1>\n")
    return Image.of(layers=[busybox_layer(), layer.finish()], cmd=["nginx", "-g", "daemon off;"], compress=True)


def compiled(source: Path, folder: Path) -> bytes:
    """A static program of ours."""
    target = folder / source.stem
    subprocess.run(["gcc", "-O2", "-static", "-s", "-o", str(target), str(source)], check=True, capture_output=True)
    return target.read_bytes()


def agnhost(folder: Path) -> Image:
    layer = Layer()
    layer.file("agnhost", compiled(PROGRAMS / "agnhost.c", folder), 0o755)
    return Image.of(layers=[busybox_layer(), layer.finish()], entrypoint=["/agnhost"], cmd=["pause"], compress=True)


def bootcamp_base(folder: Path) -> bytes:
    """bash, cat, curl and a few more, as the tutorial's shell uses them, and what runs server.js (see node.c)."""
    layer = base()
    host.with_programs(layer, ("bash", "cat", "curl", "ls", "env", "grep", "head", "hostname", "sleep"))
    layer.symlink("usr/bin/sh", "bash")
    layer.file("usr/bin/node", compiled(PROGRAMS / "node.c", folder), 0o755)
    return layer.finish()


def bootcamp(shared: Callable[[], bytes], version: str) -> Image:
    layer = Layer()
    layer.file("server.js", (PROGRAMS / "server.js").read_text().replace("VERSION", version).encode())
    env = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root")
    return Image.of(layers=[shared(), layer.finish()], cmd=["/bin/sh", "-c", "node server.js"], env=env, compress=True)


def recipes(folder: Path) -> Recipes:
    """The tutorials' images."""
    once: list[bytes] = []

    def shared() -> bytes:
        if not once:
            once.append(bootcamp_base(folder))
        return once[0]

    box = host.find("busybox")
    node = [PROGRAMS / "server.js", PROGRAMS / "node.c", *(host.find(name) for name in ("bash", "curl"))]
    small = ([box, PROGRAMS / "agnhost.c"], partial(agnhost, folder))
    return {
        "registry.k8s.io/e2e-test-images/agnhost:2.53": small,
        "docker.io/library/busybox:1.36": ([box], busybox),
        "docker.io/library/busybox:latest": ([box], busybox),
        "docker.io/library/nginx:latest": ([box], web_server),
        "gcr.io/google-samples/kubernetes-bootcamp:v1": (node, partial(bootcamp, shared, "1")),
        "docker.io/jocatalin/kubernetes-bootcamp:v2": (node, partial(bootcamp, shared, "2")),
    }


def recipe_digest(sources: list[Path]) -> str:
    """Says whether an image kept on disk is still the one these files make."""
    written = [path for path in sources if path.suffix == ".py"]
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sources if path not in written]
    own = [(p.name, p.read_bytes()) for p in (*sorted(Path(__file__).parent.glob("*.py")), *written)]
    return hashlib.sha256(repr((facts, own)).encode()).hexdigest()
