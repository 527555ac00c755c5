"""The images of the cluster's own pods: mount points and nothing else, and a pause image with one static program.

The program comes into a system pod by read-only host paths (see cluster.program), so these images are made in
milliseconds and a new cluster pulls nothing. May import: containerd, imagebuild.
"""

from pathlib import Path

from kajitori import KUBERNETES_VERSION
from kajitori.cluster.containerd import PAUSE_IMAGE
from kajitori.cluster.failures import RUNTIME_ENABLE, ClusterFailure
from kajitori.cluster.imagebuild.layer import Layer
from kajitori.cluster.imagebuild.oci import Image, archive, digest

CATATONIT = Path("/usr/bin/catatonit")

APISERVER = f"registry.k8s.io/kube-apiserver:{KUBERNETES_VERSION}"
CONTROLLER_MANAGER = f"registry.k8s.io/kube-controller-manager:{KUBERNETES_VERSION}"
SCHEDULER = f"registry.k8s.io/kube-scheduler:{KUBERNETES_VERSION}"
PROXY = f"registry.k8s.io/kube-proxy:{KUBERNETES_VERSION}"
COREDNS = "registry.k8s.io/coredns/coredns:v1.12.1"
STORAGE_PROVISIONER = "gcr.io/k8s-minikube/storage-provisioner:v5"
KINDNETD = "docker.io/kindest/kindnetd:v20250512-df8de77b"

SYSTEM_IMAGES = (APISERVER, CONTROLLER_MANAGER, SCHEDULER, PROXY, COREDNS, STORAGE_PROVISIONER, KINDNETD)

PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
GROUP = b"root:x:0:\nnogroup:x:65534:\n"


def system_layer() -> bytes:
    """Where /usr and the program will be mounted, with the merged-usr links that make a host's /usr a whole system."""
    layer = Layer()
    for path in ("dev", "etc", "proc", "root", "run", "sys", "usr", "var/lib"):
        layer.directory(path)
    layer.directory("tmp", 0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        layer.symlink(name, f"usr/{name}")
    layer.file("etc/passwd", PASSWD)
    layer.file("etc/group", GROUP)
    layer.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
    return layer.finish()


def system_image(name: str, layer: bytes) -> Image:
    """One of several images of the same layer; its label makes it one of its own, so that a pod's status names it."""
    return Image.of(layers=[layer], cmd=["/bin/false"], labels={"org.opencontainers.image.ref.name": name})


def pause_image() -> Image:
    """Debian's catatonit in its pause mode: static, half a megabyte of memory shared by all pods."""
    if not CATATONIT.exists():
        raise ClusterFailure(
            RUNTIME_ENABLE,
            "catatonit is not installed: the pause image is made of it",
            "Install it: apt-get install catatonit",
        )
    layer = Layer()
    layer.file("pause", CATATONIT.read_bytes(), 0o755)
    return Image.of(layers=[layer.finish()], entrypoint=["/pause", "-P"], user="65535:65535")


def system_archive() -> tuple[bytes, str]:
    """The archive that a node imports at its first start, and its digest."""
    layer = system_layer()
    data = archive({**{name: system_image(name, layer) for name in SYSTEM_IMAGES}, PAUSE_IMAGE: pause_image()})
    return data, digest(data)
